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
  /** Distance between two units. */
  readonly metric: "euclidean" | "cosine";
  /** Squared Euclidean distances instead of Euclidean ones. */
  readonly squared: boolean;
  /** Rows are scaled to length 1 before they are compared. */
  readonly unitRows: boolean;
  /** What squared Euclidean distances are divided by. */
  readonly scale: "none" | "samples" | "norm";
  /** What is done to the matrix of costs as a whole. */
  readonly normalization: "none" | "log" | "max" | "mean" | "median";
  /** Bounds of the costs, in multiples of the regularization. */
  readonly clip: { readonly min: number; readonly max: number } | null;
  /** Where several layers feed the same units: one plan for all, or the mean of one plan for each. */
  readonly joins: "together" | "averaged";
  /** Masses of units: equal, or the norms of their incoming weights. */
  readonly importance: "none" | "l1" | "l2";
  readonly solver: "exact" | "sinkhorn" | "unbalanced";
  /** Weight of the entropy, > 0, in the units of the cost. */
  readonly regularization: number;
  /** Unbalanced: weight of the marginals, > 0, in the units of the cost. */
  readonly marginalRegularization: number;
  readonly maxIterations: number;
  /** Error at which a scaling iteration stops. */
  readonly tolerance: number;
  /** Plans are divided by their marginals before weights are moved along them. */
  readonly correction: boolean;
  /** The marginals are those of the plan itself, not the equal ones. */
  readonly properMarginals: boolean;
  /** Weights are moved along the plan of the layer below, too, not only compared so. */
  readonly pastCorrection: boolean;
  /** How what reads the units is moved. */
  readonly outgoing: "conserve" | "average";
  /** What becomes of the outputs. */
  readonly lastLayer: "keep" | "transport" | "target";
}

/** Schema of {@link OtOptions}; the defaults are the method's own: exact transport on Euclidean distances of weights, to the last model. */
export const otOptions = z
  .strictObject({
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
    metric: z
      .enum(["euclidean", "cosine"])
      .default("euclidean")
      .describe("Euclidean distance of two units' rows, or 1 minus the cosine of the angle between them."),
    squared: z
      .boolean()
      .default(false)
      .describe("With metric euclidean: squared distances instead of distances."),
    unitRows: z
      .boolean()
      .default(false)
      .describe("Scales every unit's row (weights or activations) to length 1 before rows are compared."),
    scale: z
      .enum(["none", "samples", "norm"])
      .default("none")
      .describe(
        "With metric euclidean: what squared distances are divided by: the number of images (samples; 1 with cost " +
          "weights), or the mean squared norm of the target's rows (norm).",
      ),
    normalization: z
      .enum(["none", "log", "max", "mean", "median"])
      .default("none")
      .describe(
        "What is done to the matrix of costs: log(1 + cost), or division by its largest, mean or median entry.",
      ),
    clip: z
      .strictObject({
        min: z.number().min(0).default(0).describe("lower bound of cost / regularization"),
        max: z.number().positive().default(5).describe("upper bound of cost / regularization"),
      })
      .nullable()
      .default(null)
      .describe(
        "Clips the costs, after normalization, to these multiples of the regularization; null does not.",
      ),
    joins: z
      .enum(["together", "averaged"])
      .default("together")
      .describe(
        "With cost weights, where several layers feed the same units (residual joins): one plan from all their weights " +
          "side by side (together), or the mean of one plan for each layer (averaged).",
      ),
    importance: z
      .enum(["none", "l1", "l2"])
      .default("none")
      .describe(
        "Masses of the units: equal, or in proportion to the l1 or l2 norm of their incoming weights.",
      ),
    solver: z
      .enum(["exact", "sinkhorn", "unbalanced"])
      .default("exact")
      .describe(
        "Exact transport, transport with entropy (sinkhorn), or transport with entropy that need not keep the masses, 1 " +
          "a unit (unbalanced).",
      ),
    regularization: z
      .number()
      .positive()
      .default(0.01)
      .describe("With solver sinkhorn or unbalanced: weight of the entropy, in the units of the cost."),
    marginalRegularization: z
      .number()
      .positive()
      .default(1)
      .describe(
        "With solver unbalanced: weight of the divergence from the masses, in the units of the cost; the larger, the " +
          "closer they are kept.",
      ),
    maxIterations: z
      .int()
      .min(1)
      .default(1000)
      .describe("With solver sinkhorn or unbalanced: most iterations."),
    tolerance: z
      .number()
      .min(0)
      .default(1e-6)
      .describe(
        "With solver sinkhorn: stops when the plan's row sums are this close, as a share of the total mass; with " +
          "unbalanced: when no scaling changes by more than this share.",
      ),
    correction: z
      .boolean()
      .default(true)
      .describe(
        "Divides plans by their marginals, so that units are averages; false moves weights along the masses themselves, " +
          "which shrinks every moved layer by its number of units.",
      ),
    properMarginals: z
      .boolean()
      .default(true)
      .describe(
        "The marginals that correction divides by are the plan's own sums; false takes equal ones. Where widths differ " +
          "they are always the plan's own.",
      ),
    pastCorrection: z
      .boolean()
      .default(true)
      .describe(
        "false moves only what feeds each unit: plans are still computed on weights whose inputs are aligned, but " +
          "applied to the original ones. Needs equal widths.",
      ),
    outgoing: z
      .enum(["conserve", "average"])
      .default("conserve")
      .describe(
        "How weights that read units are moved where widths or masses differ: passed on in full (conserve), so that " +
          "merging a unit with its copy changes nothing, or averaged as what feeds them (average).",
      ),
    lastLayer: z
      .enum(["keep", "transport", "target"])
      .default("keep")
      .describe(
        "The outputs stay in their order (keep), are matched and moved like hidden units (transport), or the whole " +
          "last layer is the target's (target).",
      ),
  })
  .refine(({ importance, properMarginals }) => importance === "none" || properMarginals, {
    path: ["properMarginals"],
    message: "importance l1 and l2 need proper marginals",
  })
  .refine(({ clip }) => clip === null || clip.min <= clip.max, {
    path: ["clip", "min"],
    message: "the lower bound is above the upper one",
  })
  .refine(({ lastLayer, target }) => lastLayer !== "target" || target !== "random", {
    path: ["lastLayer"],
    message: "a random target has no trained last layer to give",
  });

declare module "@isthmus/core" {
  interface FusionOptions {
    ot: OtOptions;
  }
}
