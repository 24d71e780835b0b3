import { defineScenario, IsthmusError, LabeledImages } from "@isthmus/core";
import { z } from "zod";
import { evenShares, imagesOf } from "./class-groups.js";

const options = z.strictObject({
  tasks: z.number().int().min(1).default(5).describe("number of equal shares of the training images"),
  shuffle: z
    .boolean()
    .default(true)
    .describe("deal the images out in an order drawn by the seed, not in the data set's"),
});

/** Options of the data-incremental scenario. */
export type DataIncrementalOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface ScenarioOptions {
    "data-incremental": DataIncrementalOptions;
  }
}

/**
 * Data-incremental learning: every task brings an equal share of the training images of each class; all test images belong to
 * every task.
 *
 * @throws `scenario/images` where a class has fewer images than there are tasks
 */
export const dataIncremental = defineScenario({
  name: "data-incremental",
  title: "Data-incremental",
  description: "Every task brings another share of the training images of each class.",
  options,
  tasks: ({ tasks }) => tasks,
  stream(dataset, { tasks, shuffle }, rng) {
    const { train } = dataset.splits;
    const shares = Array.from({ length: tasks }, () => [] as number[]);
    const classes = dataset.classNames.map((_, c) => c);
    for (const c of classes) {
      const images = imagesOf(train, [c]);
      if (images.length < tasks) {
        throw new IsthmusError({
          code: "scenario/images",
          message: `Class ${c} has ${images.length} training images, too few for ${tasks} tasks.`,
          hint: "Ask for fewer tasks.",
        });
      }
      const order = shuffle ? rng.fork(`class/${c}`).permutation(images.length) : images.map((_, i) => i);
      let from = 0;
      evenShares(images.length, tasks).forEach((size, t) => {
        for (const i of order.subarray(from, from + size)) shares[t]?.push(images[i] as number);
        from += size;
      });
    }
    const test = new LabeledImages(dataset, "test");
    return shares.map((indices, index) => {
      const train = new LabeledImages(
        dataset,
        "train",
        indices.sort((a, b) => a - b),
      );
      return { index, name: `share ${index + 1}`, classes, train, test };
    });
  },
});
