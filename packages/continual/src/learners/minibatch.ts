import {
  type HostBatch,
  type LearnerContext,
  logitMask,
  type Task,
  type TensorBatch,
  tf,
} from "@isthmus/core";
import { z } from "zod";
import type { KeptImage } from "../memory/online-memory.js";

/** The option `minibatch` of learners that replay. */
export const minibatchOption = z
  .union([z.literal("batch"), z.number().int().min(1)])
  .default("batch")
  .describe("images drawn from the memory at each step; `batch`: as many as the task's batch has");

/** Number of images to draw at a step. */
export function minibatchSize(minibatch: z.output<typeof minibatchOption>, { indices }: TensorBatch): number {
  return minibatch === "batch" ? indices.length : minibatch;
}

/** The task's batch, and after its images those of the memory; `indices` are still those of the task's. Call it inside `tidy`. */
export function joinBatch(batch: TensorBatch, { images, labels }: HostBatch): TensorBatch {
  if (labels.length === 0) return batch;
  const [, ...shape] = batch.images.shape;
  return {
    ...batch,
    images: tf.concat([batch.images, tf.tensor(images, [labels.length, ...shape])]),
    labels: tf.concat([batch.labels, tf.tensor1d(labels, "int32")]),
  };
}

/**
 * What is added to logits `[images, classes]` of the network without a mask, so that each image of a joined batch is answered as its
 * task is; undefined where nothing is masked.
 */
export function joinMasks(
  { model, modelOf, seen, task }: LearnerContext,
  { indices }: TensorBatch,
  replayed: readonly KeptImage[],
): tf.Tensor2D | undefined {
  if (model.unmasked === undefined) return undefined;
  const tasks = [...Array.from(indices, () => task), ...replayed.map((image) => seen[image.task] as Task)];
  const masks = new Map(seen.map((each) => [each, [...logitMask(modelOf(each))]]));
  return tf.tensor2d(tasks.map((each) => masks.get(each) as number[]));
}
