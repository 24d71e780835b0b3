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

/** The images that the options ask for; a share of the training images is drawn by the stream `train share`. */
export async function evaluatedSplits(
  { dataset: ref, split, trainShare }: EvaluationOptions,
  { dataset: load, rng }: Pick<StepContext, "dataset" | "rng">,
): Promise<readonly EvaluatedSplit[]> {
  const dataset = await load(ref);
  const names = split === "both" ? (["train", "test"] as const) : [split];
  return names.map((name) => {
    const data = new LabeledImages(dataset, name);
    if (name === "test" || trainShare === 1) return { name, data };
    const count = Math.max(1, Math.round(trainShare * data.count));
    const drawn = rng.fork("train share").permutation(data.count).slice(0, count).sort();
    return { name, data: data.subset(drawn) };
  });
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
