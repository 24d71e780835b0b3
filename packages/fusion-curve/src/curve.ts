import {
  checkParams,
  classification,
  defineFusion,
  type FusionInput,
  type FusionResult,
  IsthmusError,
  initialize,
  type LabeledData,
  linearCombination,
  type Params,
  type Rng,
  reestimateStatistics,
  throwIfAborted,
  trainSettings,
} from "@isthmus/core";
import { z } from "zod";
import { curveObjective, splitPoints } from "./curve-objective.js";
import { curveCoefficients } from "./families.js";

const options = z.strictObject({
  family: z.enum(["bezier", "polychain"]).default("bezier").describe("form of the curve"),
  bends: z.number().int().min(3).default(3).describe("control points, the two ends included"),
  ends: z
    .enum(["fixed", "free"])
    .default("fixed")
    .describe("whether the ends stay at the given networks or are trained too"),
  init: z
    .enum(["random", "linear"])
    .default("random")
    .describe("where inner control points start: at fresh random weights, or evenly spaced between the ends"),
  at: z
    .union([z.number().min(0).max(1), z.literal("weights")])
    .default(0.5)
    .describe(
      "t of the fused network on the curve: 0 is the first network, 1 the second; `weights`: the second network's weight",
    ),
  weightDecay: z
    .number()
    .min(0)
    .default(0)
    .describe("penalty ½ · weightDecay · ‖θ(t)‖² on the point of the curve"),
  training: trainSettings
    .extend({
      epochs: trainSettings.shape.epochs.default(10),
      optimizer: trainSettings.shape.optimizer.prefault({ kind: "sgd", learningRate: 0.07, momentum: 0.9 }),
      schedule: trainSettings.shape.schedule.unwrap().prefault({ kind: "decay" }),
    })
    .prefault({})
    .describe("how the curve is trained; t is drawn anew for every batch"),
});

/** Options of curve fusion, resolved. */
export type CurveOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface FusionOptions {
    curve: CurveOptions;
  }
}

function startingPoints(
  [first, second]: readonly [FusionInput, FusionInput],
  { bends, init }: CurveOptions,
  rng: Rng,
): Params[] {
  return Array.from({ length: bends }, (_, k) => {
    if (k === 0) return first.params;
    if (k === bends - 1) return second.params;
    if (init === "random") return initialize(first.model, rng.fork(`bend/${k}`));
    const share = k / (bends - 1);
    return linearCombination([1 - share, share], [first.params, second.params]);
  });
}

const OTHER_SHAPES =
  "A curve joins networks of one architecture with equal widths; those of different widths can be fused by the method ot.";

function twoInputs(inputs: readonly FusionInput[]): readonly [FusionInput, FusionInput] {
  const [first, second] = inputs;
  if (first === undefined || second === undefined || inputs.length > 2) {
    throw new IsthmusError({
      code: "fusion/input-count",
      message: `A curve joins two networks, but ${inputs.length} were given.`,
      hint: "Name exactly two in `of`. More are fused one after the other: a row `of` the first two, then a row `of` that row and the next network.",
    });
  }
  inputs.forEach(({ params }, i) => {
    checkParams(first.model, params, `network ${i + 1} of the curve`, OTHER_SHAPES);
  });
  return [first, second];
}

/**
 * Mode Path Fusion: trains a curve θ(t) of low loss between two networks (Garipov et al. 2018) on the joint data and
 * takes the point at `at`. `extra` holds the control points `point0` … `pointN`, `details` the family and t.
 * The networks' fusion weights play a part only with `at: weights`: t is the weight w₁ of the second network, so that on a straight
 * line the point is the weighted mean w₀ θ₀ + w₁ θ₁.
 *
 * With batch normalization, every batch of training is normalized by its own statistics at θ(t). No point of the curve has running
 * statistics of its own until they are estimated for it: for the fused network they are, on the joint data.
 *
 * @throws `fusion/input-count`, `params/mismatch`
 */
export const curve = defineFusion({
  meta: {
    name: "curve",
    title: "Mode Path Fusion",
    description: "The middle of a curve of low loss that is trained between two networks.",
    paper: {
      title: "Garipov et al. 2018, Loss surfaces, mode connectivity and fast ensembling of DNNs",
      url: "https://arxiv.org/abs/1802.10026",
    },
    needs: ["weights", "data", "training"],
    laws: { identity: "none" },
  },
  options,
  async fuse(inputs, settings, context): Promise<FusionResult> {
    const { data, signal } = context;
    throwIfAborted(signal);
    const ends = twoInputs(inputs);
    const { model } = ends[0];
    const { family, bends, weightDecay } = settings;
    const at = settings.at === "weights" ? ends[1].weight : settings.at;
    const points = startingPoints(ends, settings, context.rng);
    const free = points.map((_, k) => (k > 0 && k < bends - 1) || settings.ends === "free");
    const objective = curveObjective(classification(model, ends[0].params), points, {
      family,
      free,
      weightDecay,
    });
    const { params } = await context.train(objective, settings.training);
    const trained = splitPoints(params, bends);
    const point = linearCombination(curveCoefficients(family, bends, at), trained);
    return {
      model,
      params: await reestimateStatistics({ model, params: point }, data as LabeledData, { signal }),
      estimated: true,
      extra: Object.fromEntries(trained.map((point, k) => [`point${k}`, point])),
      details: { family, at, points: bends },
    };
  },
});
