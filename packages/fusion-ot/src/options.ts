import { z } from "zod";

/** Options of optimal-transport fusion. */
export interface OtOptions {
  /** Network whose order of units the others take on: one of the models (index from 0), or a fresh random network. */
  readonly target: "first" | "last" | "random" | number;
  /** What makes two units similar. */
  readonly cost: "weights" | "activations";
  /** Activations before or after the nonlinearity. */
  readonly activation: "pre" | "post";
  /** Number of training images on which activations are compared. */
  readonly activationSamples: number;
  /** Pixels as the networks were trained on them, or plain values in [0, 1]. */
  readonly pixels: "normalized" | "unit";
  /** Whether the target keeps its own weights, or takes the fused weights of each layer as soon as they are known. */
  readonly targetActivations: "original" | "fused";
  /** Squared Euclidean distances instead of Euclidean ones. */
  readonly squared: boolean;
  readonly solver: "exact" | "sinkhorn";
  /** Sinkhorn: weight of the entropy, > 0, in the units of the cost. */
  readonly regularization: number;
  readonly maxIterations: number;
  /** Sinkhorn: error of the row sums at which it stops, as a share of the mass. */
  readonly tolerance: number;
}

/** Schema of {@link OtOptions}; the defaults are the method's own: exact transport on Euclidean distances of weights, to the last model. */
export const otOptions = z.strictObject({
  target: z
    .union([z.enum(["first", "last", "random"]), z.int().min(0)])
    .default("last")
    .describe(
      "The network whose order of units all models take on: the index of a model from 0, first, last, or random: a " +
        "fresh random network of the last model's architecture, which itself does not enter the average.",
    ),
  cost: z
    .enum(["weights", "activations"])
    .default("weights")
    .describe(
      "What the distance between two units is taken of: their incoming weights (bias included, earlier layers already " +
        "aligned) or their activations on training images.",
    ),
  activation: z
    .enum(["pre", "post"])
    .default("post")
    .describe("With cost activations: values before or after the nonlinearity."),
  activationSamples: z
    .int()
    .min(1)
    .default(100)
    .describe("With cost activations: number of random training images (all, where there are fewer)."),
  pixels: z
    .enum(["normalized", "unit"])
    .default("normalized")
    .describe(
      "With cost activations: images normalized as in training, or with plain pixels in [0, 1] (unit).",
    ),
  targetActivations: z
    .enum(["original", "fused"])
    .default("original")
    .describe(
      "With cost activations: whether the target's activations come from its own weights throughout, or, from the " +
        "second layer on, from a target whose earlier layers have been overwritten by the fused ones.",
    ),
  squared: z.boolean().default(false).describe("Squared Euclidean distances instead of Euclidean ones."),
  solver: z
    .enum(["exact", "sinkhorn"])
    .default("exact")
    .describe("Exact transport, or transport with entropy by Sinkhorn's iteration."),
  regularization: z
    .number()
    .positive()
    .default(0.01)
    .describe("With solver sinkhorn: weight of the entropy, in the units of the cost."),
  maxIterations: z.int().min(1).default(1000).describe("With solver sinkhorn: most iterations."),
  tolerance: z
    .number()
    .min(0)
    .default(1e-6)
    .describe(
      "With solver sinkhorn: stops when the plan's row sums are this close, as a share of the total mass.",
    ),
});

declare module "@isthmus/core" {
  interface FusionOptions {
    ot: OtOptions;
  }
}
