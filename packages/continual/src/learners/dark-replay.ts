import {
  crossEntropy,
  derivedObjective,
  type Json,
  type LearnerContext,
  type LearnerState,
  type LossInput,
  objectiveOf,
  type TaskTraining,
  type TrainedContext,
  tf,
} from "@isthmus/core";
import { z } from "zod";
import { keptState, OnlineMemory } from "../memory/online-memory.js";
import { joinBatch, joinMasks, minibatchOption, minibatchSize } from "./minibatch.js";

/** Options of `der` and `derpp`, key by key. */
export const darkReplayShape = {
  minibatch: minibatchOption,
  alpha: z
    .number()
    .positive()
    .default(0.5)
    .describe("α, weight of the mean squared error between logits and kept ones, over images and classes"),
};

/** The paper of both. */
export const DARK_REPLAY = {
  title: "Buzzega et al. 2020, Dark Experience for General Continual Learning",
  url: "https://arxiv.org/abs/2004.07211",
};

interface DarkReplayOptions {
  readonly minibatch: z.output<typeof minibatchOption>;
  readonly alpha: number;
  /** 0 for DER. */
  readonly beta: number;
}

/**
 * What DER and DER++ train on a task (Buzzega et al. 2020, arXiv 2004.07211): with a batch B of the task, minibatches M and M' of the
 * memory, which is filled meanwhile, and z the logits of an image as they were when it came into the memory,
 *
 *     L = CE on B  +  α · 1/(|M| classes) Σ over M of ‖f(x) - z‖²  +  β · CE on M'.
 *
 * The squared error is a mean over images and classes, as in the published code; the paper writes a norm. B, M and M' pass through
 * the network together. Where the recipe masks answers, each image is answered as its task is; kept logits have no mask.
 */
export function darkReplay(
  { minibatch, alpha, beta }: DarkReplayOptions,
  context: LearnerContext,
): TaskTraining {
  const { model, state, training } = context;
  const memory = new OnlineMemory(context);
  const objective = derivedObjective(context.objective(state.params), (weights, batch, rng) => {
    const own = batch.indices.length;
    const count = minibatchSize(minibatch, batch);
    const followed = memory.draw(count, rng.fork("replay"));
    const labeled = beta === 0 ? [] : memory.draw(count, rng.fork("replay/labeled"));
    const drawn = [...followed, ...labeled];
    const replayed = memory.batch(drawn, training.augmentation, rng.fork("replay/augmentation"));
    const masks = joinMasks(context, batch, drawn);
    const loss = ({ logits, batch: { labels } }: LossInput): tf.Scalar => {
      const answers = masks === undefined ? logits : tf.add(logits, masks);
      const rows = (of: tf.Tensor, from: number, size: number) => tf.slice(of, [from, 0], [size, -1]);
      const known = (from: number, size: number) =>
        crossEntropy(rows(answers, from, size), tf.slice(labels, from, size));
      memory.offer(batch.indices, rng.fork("memory"), () => rows(logits, 0, own).arraySync() as number[][]);
      const terms = [known(0, own)];
      if (followed.length > 0) {
        const target = tf.tensor2d(followed.map((image) => [...(image.logits as readonly number[])]));
        const error = tf.mean(tf.squaredDifference(rows(logits, own, followed.length), target));
        terms.push(tf.mul(error, alpha));
      }
      if (labeled.length > 0) terms.push(tf.mul(known(own + followed.length, labeled.length), beta));
      return tf.addN(terms) as tf.Scalar;
    };
    const { lossAndGradients } = objectiveOf(model.unmasked ?? model, state.params, loss);
    return lossAndGradients(weights, joinBatch(batch, replayed), rng);
  });
  return { objective, hooks: { notes: memory.notes } };
}

/** What is left of the task: the network, the memory, and the logits that came with its images. */
export const darkState = ({ trained, seen }: TrainedContext): LearnerState => ({
  params: trained.params,
  ...keptState(trained.notes as Json, seen),
});
