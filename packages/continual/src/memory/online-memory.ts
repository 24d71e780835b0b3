import {
  type Augmentation,
  concatenate,
  type HostBatch,
  type Json,
  type LabeledData,
  type LearnerContext,
  type LearnerState,
  type MemoryRule,
  type Rng,
  type Task,
  type TrainHooks,
} from "@isthmus/core";

/** An image that is kept. */
export interface KeptImage {
  /** Its task, and its index among that task's training images. */
  readonly task: number;
  readonly index: number;
  readonly label: number;
  /** Its logits when it came, where those are kept. */
  readonly logits?: readonly number[];
}

interface Contents {
  readonly kept: readonly KeptImage[];
  /** Images shown so far, in all tasks and epochs. */
  readonly shown: number;
}

/** Vitter's algorithm R (1985): the place that the image takes which comes after `shown` others, if any. */
function reservoirSlot(size: number, shown: number, rng: Rng): number | undefined {
  const slot = shown < size ? shown : rng.int(shown + 1);
  return slot < size ? slot : undefined;
}

/**
 * The greedy balancing sampler of GDumb (Prabhu et al. 2020): a class that has less than its share of a full memory pushes out a
 * random image of the largest class.
 */
function balancedSlot(size: number, kept: readonly KeptImage[], label: number, rng: Rng): number | undefined {
  if (kept.length < size) return kept.length;
  const slots = new Map<number, number[]>([[label, []]]);
  for (const [slot, image] of kept.entries()) {
    const own = slots.get(image.label);
    if (own === undefined) slots.set(image.label, [slot]);
    else own.push(slot);
  }
  if ((slots.get(label) as number[]).length >= size / slots.size) return undefined;
  const largest = [...slots.values()].reduce((a, b) => (b.length > a.length ? b : a));
  return largest[rng.int(largest.length)];
}

/**
 * A memory that is filled image by image while a task is trained, the task's own images included. An image that is shown again in
 * a later epoch comes again. It begins with what the learner kept of earlier tasks; {@link keptState} says what to leave for later ones.
 */
export class OnlineMemory {
  readonly #rule: MemoryRule;
  readonly #task: Task;
  readonly #images: LabeledData;
  /** Where the images of each task begin among those of all tasks. */
  readonly #starts: readonly number[];
  #kept: KeptImage[];
  #shown: number;

  constructor({ memory, memoryRule, seen, state, task }: LearnerContext) {
    this.#rule = memoryRule as MemoryRule;
    this.#task = task;
    this.#images = concatenate(seen.map(({ train }) => train));
    let start = 0;
    this.#starts = seen.map(({ train }) => {
      start += train.count;
      return start - train.count;
    });
    const known = memory.indices.flatMap((own, t) => own.map((index) => ({ task: t, index })));
    const { shape: [, width = 0] = [], data } = state.extra?.kept?.get("logits") ?? {};
    this.#kept = known.map(({ task, index }, i) => ({
      task,
      index,
      label: (seen[task] as Task).train.label(index),
      ...(data === undefined ? {} : { logits: [...data.subarray(i * width, (i + 1) * width)] }),
    }));
    this.#shown = (state.details?.shown as number | undefined) ?? 0;
  }

  /** What is remembered from one epoch to the next. */
  get notes(): NonNullable<TrainHooks["notes"]> {
    return {
      save: () => this.contents(),
      restore: (notes) => {
        const { kept, shown } = notes as unknown as Contents;
        this.#kept = [...kept];
        this.#shown = shown;
      },
    };
  }

  /** What is kept, for {@link keptState}. */
  contents(): Json {
    return { kept: [...this.#kept], shown: this.#shown } satisfies Contents as unknown as Json;
  }

  /** Some of the images, none twice: `count`, or all there are. */
  draw(count: number, rng: Rng): readonly KeptImage[] {
    const chosen = rng.permutation(this.#kept.length).subarray(0, count);
    return Array.from(chosen, (slot) => this.#kept[slot] as KeptImage);
  }

  /** A batch of kept images, augmented anew. */
  batch(kept: readonly KeptImage[], augmentation: Augmentation, rng: Rng): HostBatch {
    return this.#images.batch(
      kept.map(({ task, index }) => (this.#starts[task] as number) + index),
      { augmentation, rng },
    );
  }

  /**
   * Shows images of the task, by their indices in it, one after another.
   *
   * @param logitsOf the logits of each; asked for where one of them is kept
   */
  offer(indices: ArrayLike<number>, rng: Rng, logitsOf?: () => readonly (readonly number[])[]): void {
    const { policy, size } = this.#rule;
    let rows: readonly (readonly number[])[] | undefined;
    for (let row = 0; row < indices.length; row++, this.#shown++) {
      const index = indices[row] as number;
      const label = this.#task.train.label(index);
      const slot =
        policy === "reservoir"
          ? reservoirSlot(size, this.#shown, rng)
          : balancedSlot(size, this.#kept, label, rng);
      if (slot === undefined) continue;
      rows ??= logitsOf?.();
      const logits = rows === undefined ? {} : { logits: rows[row] as readonly number[] };
      this.#kept[slot] = { task: this.#task.index, index, label, ...logits };
    }
  }
}

/**
 * What a learner leaves of its memory's contents: which images of each task it keeps, in ascending order; how many were shown; in
 * the same order, where they are kept, the logits `[images, classes]`.
 */
export function keptState(
  contents: Json,
  tasks: readonly Task[],
): Required<Pick<LearnerState, "memory" | "details">> & Pick<LearnerState, "extra"> {
  const { kept, shown } = contents as unknown as Contents;
  const images = kept.toSorted((a, b) => a.task - b.task || a.index - b.index);
  const memory = tasks.map((_, t) => images.filter(({ task }) => task === t).map(({ index }) => index));
  const state = { memory, details: { shown } };
  const width = images[0]?.logits?.length;
  if (width === undefined) return state;
  const logits = {
    shape: [images.length, width],
    data: Float32Array.from(images.flatMap((image) => image.logits as readonly number[])),
  };
  return { ...state, extra: { kept: new Map([["logits", logits]]) } };
}
