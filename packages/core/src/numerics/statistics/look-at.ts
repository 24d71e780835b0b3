import type { Tensor } from "@tensorflow/tfjs-core";
import type { Network } from "../../contracts/fusion.js";
import type { LabeledData } from "../../contracts/labeled-data.js";
import type { ApplyContext, Tap } from "../../contracts/model.js";
import type { Progress } from "../../contracts/ports.js";
import { throwIfAborted } from "../../errors/isthmus-error.js";
import { engine } from "../engine/engine.js";
import { disposeTensors, toTensors } from "../engine/tensors.js";
import { tf } from "../engine/tf.js";
import { checkEvaluable } from "../evaluate.js";
import { Pacer } from "../pacer.js";
import { checkParams } from "../params.js";
import { evenBatches } from "./even-batches.js";

/** How statistics are taken. */
export interface StatisticsOptions {
  /** Images per forward pass; those of a batch are normalized together where batch statistics are used. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
}

/**
 * Runs a network on all of `data`, batch by batch, and hands on what `tapping` puts into `found` in each pass, as host values with
 * the number of images.
 *
 * @throws `params/mismatch`, `data/shape`, `run/aborted`
 */
export async function lookAt(
  { model, params }: Network,
  data: LabeledData,
  tapping: (found: Record<string, Tensor>) => Tap,
  mode: Pick<ApplyContext, "estimating">,
  { batchSize = 500, signal, progress }: StatisticsOptions,
  take: (found: ReadonlyMap<string, Float32Array>, images: number) => void,
): Promise<void> {
  checkParams(model, params, "the network whose statistics are taken");
  checkEvaluable(model, data, batchSize);
  await engine();
  const weights = toTensors(params);
  const pacer = new Pacer();
  let done = 0;
  try {
    for (const indices of evenBatches(data.count, batchSize)) {
      throwIfAborted(signal);
      const { images } = data.batch(indices);
      const found = tf.tidy(() => {
        const seen: Record<string, Tensor> = {};
        const batch = tf.tensor(images, [indices.length, ...data.inputShape]);
        model.apply(weights, batch, { training: false, ...mode, tap: tapping(seen) });
        return seen;
      });
      try {
        const values = new Map<string, Float32Array>();
        for (const [name, tensor] of Object.entries(found))
          values.set(name, (await tensor.data()) as Float32Array);
        take(values, indices.length);
      } finally {
        tf.dispose(found);
      }
      done += indices.length;
      progress?.(done, data.count, "images");
      await pacer.pause();
    }
  } finally {
    disposeTensors(weights);
  }
}
