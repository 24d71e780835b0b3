import { defineLearner, derivedObjective, tf } from "@isthmus/core";
import { z } from "zod";
import { coneWeights } from "../projection/cone.js";
import { flatten, memoryGradient, rememberedTasks, unflatten } from "../projection/memory-gradients.js";

const options = z.strictObject({
  margin: z
    .number()
    .min(0)
    .default(0.5)
    .describe(
      "γ, the least weight of every earlier task's gradient in a step that would harm one (the memory strength): above 0, steps are bent further than is needed",
    ),
});

/** Options of gradient episodic memory, resolved. */
export type GemOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface LearnerOptions {
    gem: GemOptions;
  }
}

/**
 * Gradient episodic memory (Lopez-Paz & Ranzato 2017, arXiv 1706.08840): with G_k the gradient on all images that the memory keeps
 * of earlier task k, a gradient g that would raise the loss of any of them (⟨g, G_k⟩ < 0) is replaced by the nearest one that
 * would not, g + Σ v_k G_k. v solves a small quadratic program: see {@link coneWeights}; as in the authors' program, v ≥ γ. The
 * memory's images are augmented as those of training.
 */
export const gem = defineLearner({
  name: "gem",
  title: "Gradient episodic memory",
  description:
    "Bends every update so that it does not raise the loss on remembered images of any earlier task.",
  paper: {
    title: "Lopez-Paz & Ranzato 2017, Gradient Episodic Memory for Continual Learning",
    url: "https://arxiv.org/abs/1706.08840",
  },
  options,
  needs: () => ({ memory: true }),
  beforeTask({ margin }, context) {
    const { state, objective, training } = context;
    const base = objective(state.params);
    const parts = rememberedTasks(context);
    if (parts.length === 0) return { objective: base };
    return {
      objective: derivedObjective(base, (weights, batch, rng) => {
        const step = base.lossAndGradients(weights, batch, rng);
        const names = [...step.gradients.keys()];
        const at = { weights, augmentation: training.augmentation };
        const references = parts.map((part, k) =>
          memoryGradient(part, names, { ...at, rng: rng.fork(`memory/${k}`) }),
        );
        const rows = tf.stack([flatten(step.gradients, names), ...references]) as tf.Tensor2D;
        const v = coneWeights(tf.matMul(rows, rows, false, true).dataSync(), margin);
        if (v === undefined) return step;
        const bent = tf.matMul(tf.tensor2d([[1, ...v]]), rows);
        return { ...step, gradients: unflatten(tf.reshape(bent, [-1]), step.gradients) };
      }),
    };
  },
});
