import { z } from "zod";
import type { Network } from "../../contracts/fusion.js";
import type { LabeledData } from "../../contracts/labeled-data.js";
import type { ArrayValue, Params } from "../../contracts/params.js";
import { throwIfAborted } from "../../errors/isthmus-error.js";
import { engine } from "../engine/engine.js";
import { disposeTensors, toParams, toTensors } from "../engine/tensors.js";
import { tf } from "../engine/tf.js";
import { checkEvaluable } from "../evaluate.js";
import { Pacer } from "../pacer.js";
import { checkParams } from "../params.js";
import type { Rng } from "../rng.js";
import { trainedNames } from "../training/classification.js";
import { type ImagesAt, squaresOfMean, squaresOfStack } from "./squared-gradients.js";

/** Options of a Fisher information's diagonal; every default lives here. */
export const fisherOptions = z
  .strictObject({
    labels: z
      .enum(["all", "sampled", "empirical", "weighted"])
      .default("all")
      .describe(
        "labels whose gradients are squared: every one, weighted by its probability (the Fisher information itself); one drawn from the network's answer; the true one (the empirical Fisher information); the true one, weighted by its probability",
      ),
    batch: z
      .number()
      .int()
      .positive()
      .default(1)
      .describe("images whose mean gradient is squared; the Fisher information squares that of every image"),
    images: z
      .number()
      .int()
      .positive()
      .nullable()
      .default(null)
      .describe("number of images, drawn at random, over which the mean is taken; null: all"),
  })
  .refine(({ labels, batch }) => batch === 1 || labels === "empirical" || labels === "sampled", {
    path: ["batch"],
    message: "only gradients of `empirical` or `sampled` labels are averaged over a batch",
  });

/** Options of a Fisher information's diagonal, resolved. */
export type FisherOptions = z.output<typeof fisherOptions>;

/** Images of a stack whose squared gradients are summed by one set of products. */
const CHUNK = 500;

function chosen(count: number, images: number | null, rng: Rng): Uint32Array {
  if (images === null || images >= count) return Uint32Array.from({ length: count }, (_, i) => i);
  return rng.fork("images").permutation(count).subarray(0, images);
}

function addTo(sums: Map<string, Float64Array>, terms: Params): void {
  for (const [name, { data }] of terms) {
    const sum = sums.get(name) ?? new Float64Array(data.length);
    for (let i = 0; i < sum.length; i++) sum[i] += data[i];
    sums.set(name, sum);
  }
}

/**
 * The diagonal of the Fisher information of a network that classifies: with g(x, c) the gradient of log p(c | x) by a weight, the
 * mean over images x of
 *
 *     labels all:       Σ_c p(c | x) g(x, c)²             sampled:   g(x, c)², c drawn from p(· | x)
 *     labels empirical: g(x, y)², y the label             weighted:  p(y | x) g(x, y)²
 *
 * With `batch` b > 1: the mean over batches of b images of the square of their mean gradient. Dropout is off, running statistics
 * are used. Stacks of dense layers take a few matrix products per label, other networks a backward pass per image and label.
 *
 * @returns one value ≥ 0 for every weight that is trained, in its shape
 * @throws `params/mismatch`, `data/shape`, `run/aborted`
 */
export async function fisherDiagonal(
  { model, params }: Network,
  data: LabeledData,
  { labels, batch, images }: FisherOptions,
  { rng, signal }: { readonly rng: Rng; readonly signal?: AbortSignal },
): Promise<Params> {
  checkParams(model, params, "the network whose Fisher information is taken");
  checkEvaluable(model, data, batch);
  await engine();
  const { stack } = model.unmasked ?? model;
  const whole = stack !== undefined && batch === 1;
  const size = whole ? CHUNK : batch;
  const indices = chosen(data.count, images, rng);
  const sums = new Map<string, Float64Array>();
  const weights = toTensors(params);
  const pacer = new Pacer();
  try {
    for (let from = 0; from < indices.length; from += size) {
      throwIfAborted(signal);
      const host = data.batch(indices.subarray(from, from + size));
      const squares = tf.tidy(() => {
        const at: ImagesAt = {
          ...{ model, weights, rng: rng.fork(`labels/${from}`) },
          images: tf.tensor(host.images, [host.labels.length, ...data.inputShape]),
          labels: tf.tensor1d(host.labels, "int32"),
        };
        return Object.fromEntries(whole ? squaresOfStack(stack, labels, at) : squaresOfMean(labels, at));
      });
      addTo(sums, await toParams(new Map(Object.entries(squares))));
      tf.dispose(squares);
      await pacer.pause();
    }
  } finally {
    disposeTensors(weights);
  }
  const terms = Math.ceil(indices.length / batch);
  return new Map(
    trainedNames(model).map((name) => {
      const { shape } = params.get(name) as ArrayValue;
      return [name, { shape, data: Float32Array.from(sums.get(name) as Float64Array, (sum) => sum / terms) }];
    }),
  );
}
