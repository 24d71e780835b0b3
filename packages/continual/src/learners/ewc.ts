import { defineLearner, fisherDiagonal, fisherOptions, type Params } from "@isthmus/core";
import { z } from "zod";
import { mapParams } from "../regularizers/map-params.js";
import { penalized } from "../regularizers/quadratic-penalty.js";

const options = z
  .strictObject({
    mode: z
      .enum(["separate", "online"])
      .default("separate")
      .describe(
        "a penalty for each earlier task, around the weights after it; or a single one around the weights after the last task, with the importance of all",
      ),
    strength: z
      .number()
      .min(0)
      .default(1)
      .describe("λ of the penalty ½ λ Σ F (θ - θ*)²; F is a mean over images"),
    decay: z
      .number()
      .min(0)
      .max(1)
      .default(1)
      .describe("γ, with which older importance is multiplied at each task; `online` only"),
    fisher: fisherOptions
      .prefault({})
      .describe(
        "how F is taken: the diagonal of the Fisher information of each task's images, after the task",
      ),
  })
  .refine(({ mode, decay }) => mode === "online" || decay === 1, {
    path: ["decay"],
    message: "separate penalties do not decay: leave `decay` out, or choose `mode: online`",
  });

/** Options of elastic weight consolidation, resolved. */
export type EwcOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface LearnerOptions {
    ewc: EwcOptions;
  }
}

/**
 * Elastic weight consolidation: while task t is learned, weights are held by a quadratic penalty, the more the likelier they
 * matter to earlier tasks. With θₖ the weights after task k and Fₖ the diagonal of the Fisher information of its images:
 *
 *     separate (Kirkpatrick et al. 2017, arXiv 1612.00796)   ½ λ Σ_{k < t} Fₖ (θ - θₖ)²
 *     online (Schwarz et al. 2018, arXiv 1805.06370)         ½ λ F (θ - θ_{t-1})²,   F ← γ F + F_{t-1}
 *
 * A sum of quadratic penalties is one, up to a constant: around the mean of the θₖ weighted by Fₖ, with the sum of the Fₖ. So both
 * keep one importance per weight, and `separate` the mean besides. The recorded loss is without the penalty.
 */
export const ewc = defineLearner({
  name: "ewc",
  title: "Elastic weight consolidation",
  description: "Holds weights back the more information on earlier tasks they carry.",
  paper: {
    title: "Kirkpatrick et al. 2017, Overcoming catastrophic forgetting in neural networks",
    url: "https://arxiv.org/abs/1612.00796",
  },
  options,
  beforeTask({ strength }, { state, objective }) {
    const base = objective(state.params);
    const { importance, anchor = state.params } = state.extra ?? {};
    return { objective: importance === undefined ? base : penalized(base, { strength, importance, anchor }) };
  },
  async afterTask({ mode, decay, fisher }, { model, task, state, trained, rng, signal }) {
    const { params } = trained;
    const own = await fisherDiagonal({ model, params }, task.train, fisher, {
      rng: rng.fork("fisher"),
      signal,
    });
    const { importance: old = mapParams(() => 0, own), anchor: center = params } = state.extra ?? {};
    const importance = mapParams((f, before) => f + decay * before, own, old);
    const extra: Record<string, Params> = { importance };
    if (mode === "separate")
      extra.anchor = mapParams(
        (f, before, weight, mean) =>
          f + before === 0 ? weight : (f * weight + before * mean) / (f + before),
        ...([own, old, params, center] as const),
      );
    return { params, extra };
  },
});
