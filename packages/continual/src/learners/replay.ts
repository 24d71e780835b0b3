import { crossEntropy, defineLearner, derivedObjective, type Json, objectiveOf, tf } from "@isthmus/core";
import { z } from "zod";
import { keptState, OnlineMemory } from "../memory/online-memory.js";
import { joinBatch, joinMasks, minibatchOption, minibatchSize } from "./minibatch.js";

const options = z.strictObject({ minibatch: minibatchOption });

/** Options of experience replay, resolved. */
export type ReplayOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface LearnerOptions {
    replay: ReplayOptions;
  }
}

/**
 * Experience replay (Riemer et al. 2019, arXiv 1810.11910; Chaudhry et al. 2019, arXiv 1902.10486): every step trains on a batch B
 * of the task and a minibatch M of the memory together,
 *
 *     L = 1/(|B| + |M|) Σ over B ∪ M of CE(f(x), y),
 *
 * then shows the images of B to the memory, which is so filled while the task is trained (Buzzega et al. 2020, arXiv 2004.07211).
 * Where the recipe masks answers, each image is answered as its task is.
 */
export const replay = defineLearner({
  name: "replay",
  title: "Experience replay",
  description:
    "Trains at every step on a batch of the task and a minibatch of a memory that it fills meanwhile.",
  paper: {
    title: "Chaudhry et al. 2019, On Tiny Episodic Memories in Continual Learning",
    url: "https://arxiv.org/abs/1902.10486",
  },
  options,
  needs: () => ({ memory: "online" }),
  beforeTask({ minibatch }, context) {
    const { model, training } = context;
    const memory = new OnlineMemory(context);
    const base = context.objective(context.state.params);
    const objective = derivedObjective(base, (weights, batch, rng) => {
      const drawn = memory.draw(minibatchSize(minibatch, batch), rng.fork("replay"));
      memory.offer(batch.indices, rng.fork("memory"));
      const replayed = memory.batch(drawn, training.augmentation, rng.fork("replay/augmentation"));
      const joined = joinBatch(batch, replayed);
      const masks = joinMasks(context, batch, drawn);
      if (masks === undefined) return base.lossAndGradients(weights, joined, rng);
      const masked = objectiveOf(model.unmasked ?? model, base.initial, ({ logits }) =>
        crossEntropy(tf.add(logits, masks), joined.labels),
      );
      return masked.lossAndGradients(weights, joined, rng);
    });
    return { objective, hooks: { notes: memory.notes } };
  },
  afterTask: (_options, { trained, seen }) => ({
    params: trained.params,
    ...keptState(trained.notes as Json, seen),
  }),
});
