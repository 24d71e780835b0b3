import type { LabeledData } from "../contracts/labeled-data.js";
import type { Model } from "../contracts/model.js";
import type { Params } from "../contracts/params.js";
import { engine } from "../numerics/engine/engine.js";
import { disposeTensors, toTensors } from "../numerics/engine/tensors.js";
import { tf } from "../numerics/engine/tf.js";

/** Logits of a network on images of `data` (all of them by default), `[images · classes]`. */
export async function logitsOf(model: Model, params: Params, data: LabeledData): Promise<Float32Array> {
  await engine();
  const { images } = data.batch(Uint32Array.from({ length: data.count }, (_, i) => i));
  const weights = toTensors(params);
  const logits = tf.tidy(() =>
    model.apply(weights, tf.tensor(images, [data.count, ...data.inputShape]), { training: false }),
  );
  const values = Float32Array.from((await logits.data()) as Float32Array);
  logits.dispose();
  disposeTensors(weights);
  return values;
}

/** Largest absolute difference between two arrays of one length. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

/** A copy that shares no memory, to find out whether anybody wrote into the original. */
export function copyParams(params: Params): Params {
  return new Map(
    [...params].map(([name, { shape, data }]) => [name, { shape: [...shape], data: data.slice() }]),
  );
}

/**
 * Runs `work` and tells by how much the number of live tensors grew, or else that of the backend's buffers: one that a kernel
 * made for itself belongs to no tensor.
 */
export async function leakedTensors(work: () => Promise<unknown>): Promise<number> {
  await engine();
  const backend = tf.backend();
  const tensors = tf.memory().numTensors;
  const buffers = backend.numDataIds();
  await work();
  return tf.memory().numTensors - tensors || backend.numDataIds() - buffers;
}

/**
 * How far a claimed derivative at 0 is from central differences of a function: the least error over several steps,
 * because a large step can cross a kink of ReLU and a small one drowns in single-precision rounding.
 *
 * @param enough stops at the first step whose error is smaller
 */
export async function derivativeError(
  f: (x: number) => Promise<number>,
  claimed: number,
  enough = 0,
): Promise<number> {
  let error = Number.POSITIVE_INFINITY;
  for (const step of [1e-2, 4e-3, 2e-3, 1e-3, 5e-4]) {
    const slope = ((await f(step)) - (await f(-step))) / (2 * step);
    error = Math.min(error, Math.abs(slope - claimed));
    if (error < enough) break;
  }
  return error;
}
