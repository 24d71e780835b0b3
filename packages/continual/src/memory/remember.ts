import type { Rng, Task } from "@isthmus/core";
import { evenShares } from "../scenarios/class-groups.js";
import type { Features } from "./features.js";
import { herd } from "./herding.js";
import type { MemoryOptions } from "./options.js";

/** For each task so far, which of its training images are kept, in the order in which they would be kept longest. */
type Kept = readonly (readonly number[])[];

/** What choosing may use. */
export interface ChoosingContext {
  /** Drawn from for the task that has just been learned; the same for all learners of a seed. */
  readonly rng: Rng;
  /** Features of all its training images; asked for by herding alone. */
  features(): Promise<Features>;
}

/** Indices of a task's training images by class, each list in the order of `order`. */
function byClass({ train }: Task, order: Iterable<number>): ReadonlyMap<number, number[]> {
  const lists = new Map<number, number[]>();
  for (const index of order) {
    const label = train.label(index);
    const own = lists.get(label);
    if (own === undefined) lists.set(label, [index]);
    else own.push(index);
  }
  return lists;
}

/** Images of each task so far: what is kept of the earlier ones is cut to its share, the new task's are the first of `order`. */
function random(kept: Kept, { size, per }: MemoryOptions, order: readonly number[]): Kept {
  const shares =
    per === "task" ? [...kept.map(({ length }) => length), size] : evenShares(size, kept.length + 1);
  return [...kept, order].map((own, t) => own.slice(0, shares[t]));
}

/**
 * As many images of each class, and of a class that several tasks have as many of each: lists are cut to their shares. With
 * `per: task` every task has its own size, shared by its classes.
 */
function balanced(
  kept: Kept,
  { size, per }: MemoryOptions,
  seen: readonly Task[],
  order: readonly number[],
): Kept {
  const lists = [...kept, order].map((own, t) => byClass(seen[t] as Task, own));
  const classes = [...new Set(lists.flatMap((each) => [...each.keys()]))].sort((a, b) => a - b);
  const ofClass = evenShares(size, classes.length);
  return lists.map((own, t) => {
    if (per === "task" && t < kept.length) return kept[t] as readonly number[];
    const labels = [...own.keys()].sort((a, b) => a - b);
    return labels.flatMap((label, l) => {
      const having = lists.flatMap((each, other) => (each.has(label) ? [other] : []));
      const share =
        per === "task"
          ? evenShares(size, labels.length)[l]
          : evenShares(ofClass[classes.indexOf(label)] as number, having.length)[having.indexOf(t)];
      return (own.get(label) as number[]).slice(0, share);
    });
  });
}

/** The latest images of each class: every class has its fixed share of the memory, and newer images push out older ones. */
function ring(
  kept: Kept,
  { size, per }: MemoryOptions,
  seen: readonly Task[],
  order: readonly number[],
): Kept {
  const task = seen.at(-1) as Task;
  const own = byClass(task, order);
  const labels = [...own.keys()].sort((a, b) => a - b);
  const shareOf = (label: number) =>
    per === "task"
      ? (evenShares(size, labels.length)[labels.indexOf(label)] as number)
      : (evenShares(size, task.train.classes)[label] as number);
  const fresh = labels.flatMap((label) => (own.get(label) as number[]).slice(0, shareOf(label)));
  if (per === "task") return [...kept, fresh];
  const room = new Map(
    labels.map((label) => [label, shareOf(label) - Math.min(shareOf(label), own.get(label)?.length ?? 0)]),
  );
  const older = [...kept.keys()].reverse().map((t) =>
    (kept[t] as readonly number[]).filter((index) => {
      const label = (seen[t] as Task).train.label(index);
      const left = room.get(label) ?? Number.POSITIVE_INFINITY;
      room.set(label, left - 1);
      return left > 0;
    }),
  );
  return [...older.reverse(), fresh];
}

/** A uniform sample of all images so far (Vitter 1985, algorithm R), which reads the task's images in the order of `order`. */
function reservoir(
  kept: Kept,
  size: number,
  seen: readonly Task[],
  order: readonly number[],
  rng: Rng,
): Kept {
  const places = kept.flatMap((own, t) => own.map((index) => [t, index] as const));
  let count = seen.slice(0, -1).reduce((sum, { train }) => sum + train.count, 0);
  for (const index of order) {
    const place = count < size ? count : rng.int(count + 1);
    if (place < size) places[place] = [kept.length, index];
    count++;
  }
  return [...kept, order].map((_, t) => places.flatMap(([task, index]) => (task === t ? [index] : [])));
}

/**
 * What is kept of the tasks so far once the last of them has been learned.
 *
 * - `random`: images of each task, drawn once; with `per: total` every task gives up some of its own as tasks come
 * - `balanced`, `herding`: as many of each class, random ones or those that herding puts first
 * - `ring`: the latest of each class (Chaudhry et al. 2019, arXiv 1902.10486)
 * - `reservoir`: uniform over all images so far
 */
export async function remember(
  kept: Kept,
  options: MemoryOptions,
  seen: readonly Task[],
  { rng, features }: ChoosingContext,
): Promise<Kept> {
  const task = seen.at(-1) as Task;
  const order = [...rng.permutation(task.train.count)];
  switch (options.policy) {
    case "random":
      return random(kept, options, order);
    case "reservoir":
      return reservoir(kept, options.size, seen, order, rng.fork("reservoir"));
    case "ring":
      return ring(kept, options, seen, order);
    case "balanced":
      return balanced(kept, options, seen, order);
    case "herding": {
      const own = await features();
      const images = [
        ...byClass(
          task,
          Array.from({ length: task.train.count }, (_, i) => i),
        ).values(),
      ];
      return balanced(
        kept,
        options,
        seen,
        images.flatMap((rows) => herd(own, rows, options.size)),
      );
    }
  }
}
