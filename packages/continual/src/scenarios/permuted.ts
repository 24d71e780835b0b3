import { defineScenario } from "@isthmus/core";
import { z } from "zod";
import { permutationOf } from "./resampled-images.js";
import { resampledTasks } from "./resampled-tasks.js";

const options = z.strictObject({
  tasks: z.number().int().min(1).default(10).describe("number of tasks"),
  first: z
    .enum(["plain", "permuted"])
    .default("plain")
    .describe("whether the first task has the images as they are, or permuted like the others"),
});

/** Options of the permuted scenario. */
export type PermutedOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface ScenarioOptions {
    permuted: PermutedOptions;
  }
}

/** Permuted images: every task has all images with their pixels in another fixed order, drawn by the seed. */
export const permuted = defineScenario({
  name: "permuted",
  title: "Permuted pixels",
  description: "Every task has all images, their pixels in another fixed random order.",
  paper: {
    title: "Goodfellow et al. 2014, An empirical investigation of catastrophic forgetting",
    url: "https://arxiv.org/abs/1312.6211",
  },
  options,
  tasks: ({ tasks }) => tasks,
  stream(dataset, { tasks, first }, rng) {
    const [height, width] = dataset.inputShape;
    return resampledTasks(
      dataset,
      Array.from({ length: tasks }, (_, t) =>
        t === 0 && first === "plain"
          ? { name: "plain", resampling: undefined }
          : {
              name: `permutation ${t}`,
              resampling: permutationOf(rng.fork(`permutation/${t}`).permutation(height * width)),
            },
      ),
    );
  },
});
