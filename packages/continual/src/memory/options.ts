import type { MemoryRule } from "@isthmus/core";
import { z } from "zod";

/** Which images of earlier tasks are kept, key by key. */
export const memoryShape = {
  policy: z
    .enum(["random", "reservoir", "ring", "balanced", "herding"])
    .default("random")
    .describe(
      "which images are kept: random ones of each task; a reservoir, uniform over all images so far; the latest of each class (ring); random ones, as many of each class; those whose mean features are nearest to their class's (herding), as many of each class",
    ),
  size: z.number().int().min(1).describe("number of images"),
  per: z
    .enum(["task", "total"])
    .default("task")
    .describe("whether that many are kept of each task, or of all tasks together"),
};

/** Refuses a reservoir that would count by task. */
export function countsInTotal({ policy, per }: { readonly policy: string; readonly per: string }): boolean {
  return policy !== "reservoir" || per === "total";
}

/** What {@link countsInTotal} is told with. */
export const COUNTS_IN_TOTAL = {
  path: ["per"],
  message: "a reservoir counts images in total: set `per: total`",
};

/** Which images of earlier tasks are kept. */
export const memoryOptions = z.strictObject(memoryShape).refine(countsInTotal, COUNTS_IN_TOTAL);

/** Which images of earlier tasks are kept, resolved. */
export type MemoryOptions = z.output<typeof memoryOptions>;

/** The rule by which a learner fills such a memory while it trains; undefined where it can't be filled so. */
export function onlineRule({ policy, size, per }: MemoryOptions): MemoryRule | undefined {
  if (per !== "total" || (policy !== "reservoir" && policy !== "balanced")) return undefined;
  return { policy, size };
}
