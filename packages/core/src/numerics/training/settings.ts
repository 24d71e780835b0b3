import { z } from "zod";

const sgd = z
  .strictObject({
    kind: z.literal("sgd"),
    learningRate: z.number().positive().describe("learning rate before the schedule"),
    momentum: z.number().min(0).lt(1).default(0).describe("momentum factor; 0 is plain gradient descent"),
    weightDecay: z
      .number()
      .min(0)
      .default(0)
      .describe("L2 penalty, added to the gradient as weightDecay · parameter"),
  })
  .describe(
    "stochastic gradient descent: v ← momentum · v + g, θ ← θ - lr · v (the form of PyTorch, no dampening)",
  );

const adam = z
  .strictObject({
    kind: z.literal("adam"),
    learningRate: z.number().positive().default(1e-3).describe("learning rate before the schedule"),
    beta1: z.number().min(0).lt(1).default(0.9).describe("decay of the mean of gradients"),
    beta2: z.number().min(0).lt(1).default(0.999).describe("decay of the mean of squared gradients"),
    epsilon: z.number().positive().default(1e-8).describe("added to the root of the mean square"),
    weightDecay: z
      .number()
      .min(0)
      .default(0)
      .describe("L2 penalty, added to the gradient as weightDecay · parameter"),
  })
  .describe("Adam (Kingma & Ba 2015, arXiv 1412.6980) with bias correction");

const schedule = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("constant") }).describe("the learning rate as given"),
  z
    .strictObject({
      kind: z.literal("step"),
      every: z.number().int().positive().describe("epochs between two drops"),
      factor: z
        .number()
        .positive()
        .default(0.1)
        .describe("what the learning rate is multiplied with at each drop"),
    })
    .describe("drops at regular epochs"),
  z
    .strictObject({
      kind: z.literal("multi-step"),
      at: z
        .array(z.number().int().positive())
        .min(1)
        .describe("epochs (counted from 0) at which the learning rate drops"),
      factor: z
        .number()
        .positive()
        .default(0.1)
        .describe("what the learning rate is multiplied with at each drop"),
    })
    .describe("drops at named epochs"),
  z
    .strictObject({
      kind: z.literal("decay"),
      end: z
        .number()
        .min(0)
        .max(1)
        .default(0.01)
        .describe("share of the learning rate that is left at the end"),
    })
    .describe(
      "constant for half of the epochs, then linear to its end at 90 % of them, then constant again (Garipov et al. 2018)",
    ),
  z
    .strictObject({
      kind: z.literal("restarts"),
      first: z.number().int().positive().default(1).describe("epochs of the first cycle"),
      factor: z
        .number()
        .int()
        .positive()
        .default(2)
        .describe("by how much each cycle is longer than the one before"),
      end: z
        .number()
        .min(0)
        .max(1)
        .default(0.01)
        .describe("share of the learning rate towards which each cycle falls"),
      warmUp: z
        .number()
        .int()
        .min(0)
        .default(0)
        .describe("epochs before the first cycle, at a tenth of the learning rate"),
    })
    .describe("falls along half a cosine, again and again (Loshchilov & Hutter 2017, SGDR)"),
]);

/** Settings of the training loop; every default lives here. */
export const trainSettings = z.strictObject({
  epochs: z.number().int().min(0).describe("passes over the data"),
  batchSize: z
    .number()
    .int()
    .positive()
    .default(128)
    .describe("images per step; the last, smaller batch of an epoch is kept"),
  optimizer: z.discriminatedUnion("kind", [sgd, adam]),
  schedule: schedule.default({ kind: "constant" }),
  resetOptimizer: z
    .boolean()
    .default(false)
    .describe("forget momentum and moments at the start of every epoch"),
  validationShare: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .describe("share of the training images held out to choose the best epoch; drawn at random by the seed"),
  augmentation: z
    .strictObject({
      flip: z.boolean().default(false).describe("mirror each image left to right with probability 1/2"),
      cropPadding: z
        .number()
        .int()
        .min(0)
        .default(0)
        .describe(
          "pixels of black added to each side before a crop of the old size at a random place; 0: no crop",
        ),
    })
    .default({ flip: false, cropPadding: 0 })
    .describe("random changes of training images, drawn anew for every batch"),
});

/** Settings of the training loop, resolved. */
export type TrainSettings = z.output<typeof trainSettings>;

/** Settings as written in a recipe: defaults left out. */
export type TrainSettingsInput = z.input<typeof trainSettings>;

/** Settings of an optimizer, resolved. */
export type OptimizerSettings = TrainSettings["optimizer"];

/** Settings of a learning-rate schedule, resolved. */
export type ScheduleSettings = TrainSettings["schedule"];
