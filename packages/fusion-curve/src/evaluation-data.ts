import { type Evaluation, LabeledImages, type StepContext } from "@isthmus/core";
import { z } from "zod";

/** Options of every step that evaluates many points of weight space. */
export const evaluationOptions = {
  seed: z.number().int().min(0).describe("seed of the run; draws the share of the training images"),
  dataset: z.strictObject({ name: z.string(), options: z.json() }).describe("data set to evaluate on"),
  names: z.array(z.string()).describe("names of the networks, in their order"),
  split: z
    .enum(["both", "train", "test"])
    .default("both")
    .describe("images to evaluate on: of training, of the test, or both, each for itself"),
  trainShare: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe("share of the training images to evaluate on, drawn at random"),
};

const schema = z.strictObject(evaluationOptions);

/** What {@link evaluationOptions} check. */
export type EvaluationOptions = z.output<typeof schema>;

/** Images to evaluate on. */
export interface EvaluatedSplit {
  readonly name: "train" | "test";
  readonly data: LabeledImages;
}

/** What points of weight space are evaluated on. */
export interface EvaluationData {
  readonly splits: readonly EvaluatedSplit[];
  /** On which the running statistics of each point are estimated, where networks have them. */
  readonly training: LabeledImages;
}

/** The images that the options ask for; a share of the training images is drawn by the stream `train share`. */
export async function evaluationData(
  { dataset: ref, split, trainShare }: EvaluationOptions,
  { dataset: load, rng }: Pick<StepContext, "dataset" | "rng">,
): Promise<EvaluationData> {
  const dataset = await load(ref);
  const all = new LabeledImages(dataset, "train");
  const count = Math.max(1, Math.round(trainShare * all.count));
  const drawn = () => rng.fork("train share").permutation(all.count).slice(0, count).sort();
  const training = count === all.count ? all : all.subset(drawn());
  const names = split === "both" ? (["train", "test"] as const) : [split];
  const of = (name: "train" | "test") => (name === "train" ? training : new LabeledImages(dataset, name));
  return { training, splits: names.map((name) => ({ name, data: of(name) })) };
}

/** What is measured of a network: mean cross-entropy, and share of wrong answers. */
export const MEASURES = ["loss", "error"] as const;
export type Measure = (typeof MEASURES)[number];

/** Axis titles: what is measured, with its unit. */
export const MEASURE_TITLES: Readonly<Record<Measure, string>> = { loss: "loss (nats)", error: "error (%)" };

/** Loss in nats, error in percent. */
export function measured({ loss, accuracy }: Evaluation, measure: Measure): number {
  return measure === "loss" ? loss : 100 * (1 - accuracy);
}
