import { naming, recipeParts } from "@isthmus/core";
import { z } from "zod";
import { COUNTS_IN_TOTAL, countsInTotal, memoryShape } from "../memory/options.js";

const { options, rowName, training } = recipeParts;

const mask = z.enum(["none", "task", "seen"]);

/** The memory of a recipe: several sizes make a row of each learner that uses it. */
const memory = z
  .strictObject({
    ...memoryShape,
    size: z
      .union([memoryShape.size, z.array(memoryShape.size).min(1)])
      .describe("number of images; of a list, every learner that uses the memory gets a row for each size"),
  })
  .refine(countsInTotal, COUNTS_IN_TOTAL);

/** The part of a recipe that belongs to the experiment `continual`. */
export const continualBody = z.strictObject({
  dataset: recipeParts.dataset,
  scenario: z
    .strictObject({ method: z.string().describe("scenario"), options })
    .meta(naming("scenario", "method"))
    .describe("how the data set becomes a stream of tasks"),
  model: recipeParts.model,
  training: training.default({}).describe("training settings of every task"),
  taskModels: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      "files of task models, one for each task in order, for learners that merge θ₀ fine-tuned on each task: then these are not trained; a relative path starts at the recipe's folder",
    ),
  mask: mask
    .default("none")
    .describe(
      "classes among which training answers: all (`none` is masked), the task's, or those seen so far",
    ),
  memory: memory.optional().describe("images kept of earlier tasks, for learners that use some"),
  learn: z
    .record(
      rowName,
      z
        .strictObject({
          method: z.string().describe("learner"),
          options,
          training: training.optional().describe("settings that differ from the shared ones"),
          memory: memory.optional().describe("memory of this learner, in place of the shared one"),
          mask: mask.optional().describe("in place of the shared one"),
          stream: z
            .string()
            .default("shared")
            .describe("name of its random stream; by default all learners draw the same"),
        })
        .meta(naming("learner", "method")),
    )
    .describe("learners to compare, by row of the table"),
});

/** The part of a recipe that belongs to the experiment `continual`, checked. */
export type ContinualBody = z.output<typeof continualBody>;
