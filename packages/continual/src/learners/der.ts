import {
  crossEntropy,
  defineLearner,
  derivedObjective,
  type Json,
  type LossInput,
  objectiveOf,
  tf,
} from "@isthmus/core";
import { z } from "zod";
import { keptState, OnlineMemory } from "../memory/online-memory.js";
import { joinBatch, joinMasks, minibatchOption, minibatchSize } from "./minibatch.js";

const options = z.strictObject({
  minibatch: minibatchOption,
  alpha: z
    .number()
    .positive()
    .default(0.5)
    .describe("α, weight of the mean squared error between logits and kept ones, over images and classes"),
  beta: z
    .number()
    .min(0)
    .default(0)
    .describe("β, weight of the cross-entropy on another minibatch of the memory; 0 is DER, more is DER++"),
});

/** Options of dark experience replay, resolved. */
export type DerOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface LearnerOptions {
    der: DerOptions;
  }
}

/**
 * Dark experience replay, DER and DER++ (Buzzega et al. 2020, arXiv 2004.07211): with a batch B of the task, minibatches M and M' of
 * the memory, which is filled meanwhile, and z the logits of an image as they were when it came into the memory,
 *
 *     L = CE on B  +  α · 1/(|M| classes) Σ over M of ‖f(x) - z‖²  +  β · CE on M'.
 *
 * The squared error is a mean over images and classes, as in the published code; the paper writes a norm. B, M and M' pass through
 * the network together. Where the recipe masks answers, each image is answered as its task is; kept logits have no mask.
 */
export const der = defineLearner({
  name: "der",
  title: "Dark experience replay",
  description: "Keeps the logits of the images in its memory, and holds the network to them.",
  paper: {
    title: "Buzzega et al. 2020, Dark Experience for General Continual Learning",
    url: "https://arxiv.org/abs/2004.07211",
  },
  options,
  needs: () => ({ memory: "online" }),
  beforeTask({ minibatch, alpha, beta }, context) {
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
  },
  afterTask: (_options, { trained, seen }) => ({
    params: trained.params,
    ...keptState(trained.notes as Json, seen),
  }),
});
