import { defineScenario } from "@isthmus/core";
import { z } from "zod";
import { rotationBy } from "./resampled-images.js";
import { resampledTasks } from "./resampled-tasks.js";

const options = z.strictObject({
  angles: z
    .array(z.number())
    .min(1)
    .refine((angles) => new Set(angles).size === angles.length, "each angle is given once")
    .default([0, 36, 72, 108, 144])
    .describe("angle of each task in degrees, counterclockwise"),
});

/** Options of the rotated scenario. */
export type RotatedOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface ScenarioOptions {
    rotated: RotatedOptions;
  }
}

/** Rotated images: every task has all images, turned about their middle by its angle, with bilinear interpolation. */
export const rotated = defineScenario({
  name: "rotated",
  title: "Rotated images",
  description: "Every task has all images, turned by another angle.",
  paper: {
    title: "Lopez-Paz & Ranzato 2017, Gradient episodic memory for continual learning",
    url: "https://arxiv.org/abs/1706.08840",
  },
  options,
  tasks: ({ angles }) => angles.length,
  stream(dataset, { angles }) {
    const [height, width] = dataset.inputShape;
    return resampledTasks(
      dataset,
      angles.map((angle) => ({
        name: `${angle}°`,
        resampling: angle === 0 ? undefined : rotationBy(angle, height, width),
      })),
    );
  },
});
