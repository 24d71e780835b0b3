import { defineLearner, tf, trainedNames } from "@isthmus/core";
import { z } from "zod";
import { mapParams } from "../regularizers/map-params.js";
import { penalized } from "../regularizers/quadratic-penalty.js";

const options = z.strictObject({
  strength: z.number().min(0).default(0.1).describe("c of the penalty c Σ Ω (θ - θ*)²"),
  damping: z
    .number()
    .positive()
    .default(0.1)
    .describe("ξ, which keeps the importance of weights that hardly moved from growing without bound"),
});

/** Options of synaptic intelligence, resolved. */
export type SiOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface LearnerOptions {
    si: SiOptions;
  }
}

/**
 * Synaptic intelligence (Zenke, Poole & Ganguli 2017, arXiv 1703.04200): what each weight has done to lower the loss of a task, on
 * the way that training took, is its importance. With g the gradient of the loss without the penalty at every update, Δθ what the
 * update changed and Δ what the whole task did:
 *
 *     ω = -Σ g Δθ     Ω ← max(0, Ω + ω / (Δ² + ξ))     penalty c Σ Ω (θ - θ*)²
 *
 * with θ* the weights after the task before. Importance below 0 is none, as in the authors' program: the penalty would push weights
 * away. Defaults are the paper's for permuted MNIST; for split MNIST it has c = 1, ξ = 10⁻³. The recorded loss is without the penalty.
 */
export const si = defineLearner({
  name: "si",
  title: "Synaptic intelligence",
  description: "Holds weights back the more they did to lower the loss of earlier tasks.",
  paper: {
    title: "Zenke, Poole & Ganguli 2017, Continual Learning Through Synaptic Intelligence",
    url: "https://arxiv.org/abs/1703.04200",
  },
  options,
  beforeTask({ strength }, { model, state, objective }) {
    const base = objective(state.params);
    const importance = state.extra?.importance;
    const trained = new Map(trainedNames(model).map((name) => [name, state.params.get(name)] as const));
    return {
      objective:
        importance === undefined
          ? base
          : penalized(base, { strength: 2 * strength, importance, anchor: state.params }),
      hooks: {
        memory: mapParams(() => 0, trained as typeof state.params),
        afterUpdate: ({ before, after, lossGradients, memory }) =>
          new Map(
            [...memory].map(([name, omega]) => {
              const way = tf.sub(after.get(name) as tf.Tensor, before.get(name) as tf.Tensor);
              return [name, tf.sub(omega, tf.mul(lossGradients.get(name) as tf.Tensor, way))] as const;
            }),
          ),
      },
    };
  },
  afterTask({ damping }, { state, trained: { params, memory } }) {
    const omega = memory as typeof params;
    const before = state.extra?.importance ?? mapParams(() => 0, omega);
    const importance = mapParams(
      (done, old, from, to) => Math.max(0, old + done / ((to - from) ** 2 + damping)),
      ...([omega, before, state.params, params] as const),
    );
    return { params, extra: { importance } };
  },
});
