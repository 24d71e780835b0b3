import { z } from "zod";
import type { DatasetRef, StepContext } from "../../contracts/step.js";
import type { LabeledImages } from "../../numerics/data/labeled-images.js";
import { JOINT, partOf } from "../../numerics/data/parts.js";
import { AFTERWARDS } from "../../numerics/statistics/finish-fusion.js";

/** Options of a contribution that has checked them already. */
const resolvedOptions = z.record(z.string(), z.json());

/** A data set in a planned step. */
export const datasetRef = z.strictObject({ name: z.string(), options: resolvedOptions });

/** A partition in a planned step, or null where the data is not dealt out. */
export const partitionRef = z.strictObject({ method: z.string(), options: resolvedOptions }).nullable();

/** An architecture in a planned step. */
export const architectureRef = z.strictObject({ name: z.string(), options: resolvedOptions });

/** A random seed in a planned step. */
export const seedOption = z.number().int().min(0);

/** What is done with a fused network, in a recipe and in a planned step. */
export const afterwardsOption = z
  .enum(AFTERWARDS)
  .default("statistics")
  .describe(
    "what is done with the fused network: its running statistics are estimated on the joint data (statistics), also the " +
      "mean and spread of every hidden unit set to those of the inputs (repair), or nothing (none)",
  );

/** The images of a part of a data set, dealt with the stream `partition` of the step's seed. */
export async function loadPart(
  dataset: DatasetRef,
  partition: z.output<typeof partitionRef>,
  part: string,
  context: Pick<StepContext, "dataset" | "resolve" | "rng">,
): Promise<LabeledImages> {
  const images = await context.dataset(dataset);
  if (partition === null) return partOf(images, part, undefined, context.rng);
  const method = await context.resolve("partition", partition.method);
  return partOf(
    images,
    part,
    { partition: method, options: partition.options },
    context.rng.fork("partition"),
  );
}

export { JOINT };
