import { z } from "zod";
import { afterwardsOption } from "../steps/kinds/references.js";
import { naming, recipeParts } from "./recipe-parts.js";

const { options, training, rowName } = recipeParts;
const rowNames = z.array(z.string()).min(1);

/** The part of a recipe that belongs to the experiment `fusion`. */
export const fusionBody = z.strictObject({
  load: z
    .record(
      rowName,
      z
        .strictObject({
          file: z.string().min(1).describe("checkpoint; a relative path starts at the recipe's folder"),
          architecture: z
            .string()
            .optional()
            .describe("architecture, where the file does not say it and its tensors do not show it"),
          options,
        })
        .meta(naming("architecture", "architecture")),
    )
    .default({})
    .describe("networks to read from files, by row of the table"),
  dataset: recipeParts.dataset
    .optional()
    .describe("data set: its name, or name and options; needed wherever images are"),
  partition: z
    .strictObject({ method: z.string().describe("partition"), options })
    .meta(naming("partition", "method"))
    .optional()
    .describe("how the training images are dealt out; without it there is only the part `joint`"),
  model: recipeParts.model.optional().describe("architecture of all networks to train"),
  training: training.default({}).describe("training settings of all networks"),
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
        training: training.optional().describe("settings that differ from the shared ones"),
      }),
    )
    .default({})
    .describe("networks to train, by row of the table"),
  fuse: z
    .record(
      rowName,
      z
        .strictObject({
          method: z.string().describe("fusion method"),
          of: rowNames.describe("rows to fuse: loaded, trained, or fused before"),
          base: z.string().optional().describe("row of the common ancestor, for methods that need one"),
          weights: z
            .array(z.number().min(0))
            .optional()
            .describe("share of each row; equal by default, and normalized to add up to 1"),
          afterwards: afterwardsOption,
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
          method: z.string().describe("kind of step that evaluates networks"),
          of: rowNames.describe(
            "rows to evaluate: each by itself, or together where the kind of step compares networks",
          ),
          options,
        })
        .meta(naming("step", "method")),
    )
    .default({})
    .describe("further evaluations; with a data set, every network is evaluated on its test images anyway"),
});

/** The part of a recipe that belongs to the experiment `fusion`, checked. */
export type FusionBody = z.output<typeof fusionBody>;
