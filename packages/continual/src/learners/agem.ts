import { defineLearner, derivedObjective, tf } from "@isthmus/core";
import { z } from "zod";
import {
  flatten,
  memoryGradient,
  rememberedTasks,
  together,
  unflatten,
} from "../projection/memory-gradients.js";

const options = z.strictObject({
  sampleSize: z
    .number()
    .int()
    .positive()
    .default(64)
    .describe(
      "images of the memory, drawn at random for every update, on which no update may raise the loss",
    ),
});

/** Options of averaged gradient episodic memory, resolved. */
export type AgemOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface LearnerOptions {
    agem: AgemOptions;
  }
}

/** g where ⟨g, r⟩ ≥ 0; else g - ⟨g, r⟩ / ⟨r, r⟩ r, the nearest that does not oppose r. */
function projected(gradient: tf.Tensor1D, reference: tf.Tensor1D): tf.Tensor1D {
  const opposed = tf.minimum(tf.sum(tf.mul(gradient, reference)), 0);
  const share = tf.divNoNan(opposed, tf.sum(tf.square(reference)));
  return tf.sub(gradient, tf.mul(reference, share));
}

/**
 * Averaged GEM (Chaudhry et al. 2019, arXiv 1812.00420): with r the gradient on a random sample of the memory, all earlier tasks
 * together, a gradient g that opposes it (⟨g, r⟩ < 0) loses its part along r:
 *
 *     g ← g - ⟨g, r⟩ / ⟨r, r⟩ r
 *
 * The memory's images are augmented as those of training.
 */
export const agem = defineLearner({
  name: "agem",
  title: "Averaged gradient episodic memory",
  description: "Takes from every update what would raise the loss on a random sample of remembered images.",
  paper: {
    title: "Chaudhry et al. 2019, Efficient Lifelong Learning with A-GEM",
    url: "https://arxiv.org/abs/1812.00420",
  },
  options,
  needs: () => ({ memory: true }),
  beforeTask({ sampleSize }, context) {
    const { state, objective, training } = context;
    const base = objective(state.params);
    const parts = together(rememberedTasks(context));
    const count = parts.reduce((sum, { data }) => sum + data.count, 0);
    if (count === 0) return { objective: base };
    return {
      objective: derivedObjective(base, (weights, batch, rng) => {
        const step = base.lossAndGradients(weights, batch, rng);
        const names = [...step.gradients.keys()];
        const sample = rng.fork("sample").permutation(count).subarray(0, sampleSize);
        let start = 0;
        const terms = parts.flatMap((part, k) => {
          const own = sample.filter((i) => i >= start && i < start + part.data.count).map((i) => i - start);
          start += part.data.count;
          if (own.length === 0) return [];
          const at = { weights, augmentation: training.augmentation, rng: rng.fork(`memory/${k}`) };
          return [tf.mul(memoryGradient(part, names, at, own), own.length / sample.length) as tf.Tensor1D];
        });
        const gradient = projected(flatten(step.gradients, names), tf.addN(terms));
        return { ...step, gradients: unflatten(gradient, step.gradients) };
      }),
    };
  },
});
