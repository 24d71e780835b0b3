import { z } from "zod";
import type { ContributionPart } from "../contracts/experiment.js";
import type { Json, JsonObject } from "../contracts/json.js";
import { trainSettings } from "../numerics/training/settings.js";

/** Marks a part of the schema that names a contribution, for the recipes' JSON schema. */
function naming(kind: ContributionPart["kind"], name: string) {
  return { contribution: { kind, name, options: "options" } satisfies ContributionPart };
}

/** A map as a recipe holds it: what its values are is checked elsewhere. */
const jsonMap = z.record(z.string(), z.unknown() as unknown as z.ZodType<Json>);

const options = jsonMap.optional().describe("options of the contribution; what is left out has its default");

/** Settings that are checked only when those of all networks and those of one have been put together. */
const { $schema: _, ...trainingSchema } = trainSettings.toJSONSchema({ io: "input" });
const partialTraining = jsonMap.meta(trainingSchema as JsonObject);

/** A row names runs and files; beginning with a letter, it keeps its place among an object's keys. */
const rowName = z
  .string()
  .regex(/^[A-Za-z][\w-]*$/, "a row's name begins with a letter and goes on with letters, digits, - and _");
const rowNames = z.array(z.string()).min(1);

/** The part of a recipe that belongs to the experiment `fusion`. */
export const fusionBody = z.strictObject({
  dataset: z
    .union([
      z.string().meta({ contribution: { kind: "dataset" } satisfies ContributionPart }),
      z.strictObject({ name: z.string().describe("data set"), options }).meta(naming("dataset", "name")),
    ])
    .describe("data set: its name, or name and options"),
  partition: z
    .strictObject({ method: z.string().describe("partition"), options })
    .meta(naming("partition", "method"))
    .optional()
    .describe("how the training images are dealt out; without it there is only the part `joint`"),
  model: z
    .strictObject({ architecture: z.string().describe("architecture"), options })
    .meta(naming("architecture", "architecture"))
    .describe("architecture of all networks"),
  training: partialTraining.describe("training settings of all networks"),
  train: z
    .record(
      rowName,
      z.strictObject({
        part: z
          .string()
          .describe("part of the training images: one of the partition's, or `joint` for all of them"),
        stream: z.string().optional().describe("name of its random stream; by default its part"),
        checkpoint: z
          .enum(["final", "best"])
          .default("final")
          .describe("weights of the last epoch, or of the best on the validation share"),
        training: partialTraining.optional().describe("settings that differ from the shared ones"),
      }),
    )
    .describe("networks to train, by row of the table"),
  fuse: z
    .record(
      rowName,
      z
        .strictObject({
          method: z.string().describe("fusion method"),
          of: rowNames.describe("rows to fuse, trained or fused before"),
          base: z.string().optional().describe("row of the common ancestor, for methods that need one"),
          weights: z
            .array(z.number().min(0))
            .optional()
            .describe("share of each row; equal by default, and normalized to add up to 1"),
          stream: z.string().optional().describe("name of its random stream; by default its method"),
          options,
        })
        .meta(naming("fusion", "method")),
    )
    .default({})
    .describe("networks to fuse, by row of the table"),
  evaluate: z
    .record(
      z.string(),
      z
        .strictObject({
          method: z.string().describe("kind of step that evaluates a network"),
          of: rowNames.describe("rows to evaluate, each by itself"),
          options,
        })
        .meta(naming("step", "method")),
    )
    .default({})
    .describe("further evaluations; every network is evaluated on the test images anyway"),
});

/** The part of a recipe that belongs to the experiment `fusion`, checked. */
export type FusionBody = z.output<typeof fusionBody>;
