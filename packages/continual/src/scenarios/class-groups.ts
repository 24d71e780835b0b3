import { type ImageDataset, type ImageSplit, IsthmusError, type Rng } from "@isthmus/core";
import { z } from "zod";

/** Which classes make a task: lists of classes, or numbers of classes that are dealt out in order or at random. */
export const groupOptions = {
  tasks: z
    .number()
    .int()
    .min(1)
    .default(5)
    .describe("number of tasks that share the classes evenly; the first ones get what is left over"),
  classesPerTask: z
    .array(z.number().int().min(1))
    .min(1)
    .optional()
    .describe("number of classes of each task, in place of `tasks`"),
  order: z
    .array(z.array(z.number().int().min(0)).min(1))
    .min(1)
    .optional()
    .describe("the classes of each task, in place of `tasks`: any order, and classes may be left out"),
  shuffle: z
    .boolean()
    .default(false)
    .describe("deal the classes out in an order drawn by the seed; not with `order`"),
};

const schema = z.strictObject(groupOptions);

/** Which classes make a task, resolved. */
export type GroupOptions = z.output<typeof schema>;

/** Number of tasks. */
export function groupCount({ tasks, classesPerTask, order }: GroupOptions): number {
  return (order ?? classesPerTask)?.length ?? tasks;
}

function refuse(message: string, hint: string): IsthmusError {
  return new IsthmusError({ code: "scenario/classes", message, hint });
}

/** `total` things in `count` shares that differ by at most one, the larger ones first. */
export function evenShares(total: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor(total / count) + (i < total % count ? 1 : 0));
}

/**
 * The classes of each task, in the order in which they are named.
 *
 * @throws `scenario/classes` where the data set lacks a class that is named, has too few, or one is named twice
 */
export function groupClasses(
  { classNames }: Pick<ImageDataset, "classNames">,
  options: GroupOptions,
  rng: Rng,
): readonly (readonly number[])[] {
  const { tasks, classesPerTask, order, shuffle } = options;
  const available = classNames.length;
  if (order !== undefined) {
    const named = order.flat();
    const missing = named.find((each) => each >= available);
    if (missing !== undefined)
      throw refuse(
        `A task names class ${missing}, but the data set has ${available} classes.`,
        "Classes are counted from 0.",
      );
    if (new Set(named).size !== named.length)
      throw refuse("A class is named in `order` more than once.", "Every class belongs to one task at most.");
    return order;
  }
  const sizes = classesPerTask ?? evenShares(available, tasks);
  const needed = sizes.reduce((sum, size) => sum + size, 0);
  if (needed > available || sizes.includes(0))
    throw refuse(
      `${sizes.length} tasks need ${Math.max(needed, sizes.length)} classes, but the data set has ${available}.`,
      "Ask for fewer tasks, or for fewer classes in each.",
    );
  const classes = shuffle ? [...rng.permutation(available)] : classNames.map((_, c) => c);
  let from = 0;
  return sizes.map((size) => {
    from += size;
    return classes.slice(from - size, from);
  });
}

/** Indices of the images of some classes, ascending. */
export function imagesOf({ labels }: ImageSplit, classes: readonly number[]): Uint32Array {
  const wanted = new Set(classes);
  return Uint32Array.from(labels, (_, index) => index).filter((index) => wanted.has(labels[index] as number));
}
