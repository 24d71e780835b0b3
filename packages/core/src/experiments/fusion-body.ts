import { z } from "zod";
import { naming, recipeParts } from "./recipe-parts.js";

const { options, training, rowName } = recipeParts;
const rowNames = z.array(z.string()).min(1);

/** The part of a recipe that belongs to the experiment `fusion`. */
export const fusionBody = z.strictObject({
  dataset: recipeParts.dataset,
  partition: z
    .strictObject({ method: z.string().describe("partition"), options })
    .meta(naming("partition", "method"))
    .optional()
    .describe("how the training images are dealt out; without it there is only the part `joint`"),
  model: recipeParts.model,
  training: training.describe("training settings of all networks"),
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
