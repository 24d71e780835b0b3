import { z } from "zod";
import type { ContributionPart } from "../contracts/experiment.js";
import type { Json, JsonObject } from "../contracts/json.js";
import { trainSettings } from "../numerics/training/settings.js";

/**
 * Marks a part of a recipe's schema that names a contribution, with its options under `options`, for the recipes' JSON schema.
 *
 * @param name key that holds the contribution's name
 */
export function naming(kind: ContributionPart["kind"], name: string) {
  return { contribution: { kind, name, options: "options" } satisfies ContributionPart };
}

/** A map as a recipe holds it: what its values are is checked elsewhere. */
const jsonMap = z.record(z.string(), z.unknown() as unknown as z.ZodType<Json>);

const options = jsonMap.optional().describe("options of the contribution; what is left out has its default");

/** Settings that are checked only when those of all networks and those of one have been put together. */
const { $schema: _, ...trainingSchema } = trainSettings.toJSONSchema({ io: "input" });

/** Parts that recipes of several kinds have, for the schemas of experiments. */
export const recipeParts = {
  /** Options of a contribution, checked by {@link PlanContext.options}. */
  options,
  dataset: z
    .union([
      z.string().meta({ contribution: { kind: "dataset" } satisfies ContributionPart }),
      z.strictObject({ name: z.string().describe("data set"), options }).meta(naming("dataset", "name")),
    ])
    .describe("data set: its name, or name and options"),
  model: z
    .strictObject({ architecture: z.string().describe("architecture"), options })
    .meta(naming("architecture", "architecture"))
    .describe("architecture of all networks"),
  /** Training settings, all of them or some; checked with `trainSettings` once they have been put together. */
  training: jsonMap.meta(trainingSchema as JsonObject),
  /** A row names runs and files; beginning with a letter, it keeps its place among an object's keys. */
  rowName: z
    .string()
    .regex(/^[A-Za-z][\w-]*$/, "a row's name begins with a letter and goes on with letters, digits, - and _"),
};
