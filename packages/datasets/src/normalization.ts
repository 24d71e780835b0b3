import type { ImageDataset } from "@isthmus/core";
import { z } from "zod";

/** The option `normalization` of a data set of images. */
export const normalizationOption = z
  .enum(["standard", "none"])
  .default("standard")
  .describe("standard: pixels less their mean, by their deviation; none: pixels in [0, 1] as they are");

/** What a network sees of the pixels: `standard`, or values in [0, 1], whose mean is taken for 0 and their deviation for 1. */
export function normalizationOf(
  choice: z.output<typeof normalizationOption>,
  standard: ImageDataset["normalization"],
): ImageDataset["normalization"] {
  if (choice === "standard") return standard;
  return { mean: standard.mean.map(() => 0), std: standard.std.map(() => 1) };
}
