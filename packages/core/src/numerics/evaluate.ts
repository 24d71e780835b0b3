import type { Evaluation } from "../contracts/evaluation.js";
import type { HostBatch, LabeledData } from "../contracts/labeled-data.js";
import type { Model } from "../contracts/model.js";
import type { Params } from "../contracts/params.js";
import type { Progress } from "../contracts/ports.js";
import { IsthmusError, throwIfAborted } from "../errors/isthmus-error.js";
import { engine } from "./engine/engine.js";
import { disposeTensors, toTensors } from "./engine/tensors.js";
import { tf } from "./engine/tf.js";
import { Pacer } from "./pacer.js";
import { checkParams } from "./params.js";
import { Tally } from "./tally.js";

/** How evaluation runs. */
export interface EvaluateOptions {
  /** Images per forward pass; does not change the result beyond rounding. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
}

/** Refuses data that a network cannot be evaluated on. @throws `data/shape` (other images, another number of classes) */
export function checkEvaluable(model: Model, data: LabeledData, batchSize: number): void {
  const { inputShape, classes } = model.spec.task;
  if (inputShape.join() !== data.inputShape.join()) {
    throw new IsthmusError({
      code: "data/shape",
      message: `A network that takes images of ${inputShape.join(" × ")} cannot be evaluated on images of ${data.inputShape.join(" × ")}.`,
      hint: "Evaluate it on the kind of data it was trained for.",
    });
  }
  if (classes !== data.classes) {
    throw new IsthmusError({
      code: "data/shape",
      message: `A network that tells ${classes} classes apart cannot be evaluated on data of ${data.classes} classes.`,
      hint: "Evaluate it on the kind of data it was trained for.",
    });
  }
  if (!(batchSize >= 1)) throw new RangeError(`A batch has at least one image, not ${batchSize}.`);
  if (data.count === 0) throw new RangeError("There are no images to evaluate on.");
}

/** Images from `start` on, `size` of them or as many as are left. */
export function batchFrom(data: LabeledData, start: number, size: number): HostBatch {
  return data.batch(Uint32Array.from({ length: Math.min(size, data.count - start) }, (_, i) => start + i));
}

/**
 * Loss, accuracy, accuracy per class and confusion matrix of a network on all of `data`, which must not be empty.
 *
 * @throws `params/mismatch`, `data/shape` (other images, another number of classes), `run/aborted`
 */
export async function evaluate(
  model: Model,
  params: Params,
  data: LabeledData,
  { batchSize = 500, signal, progress }: EvaluateOptions = {},
): Promise<Evaluation> {
  checkParams(model, params, "the network to evaluate");
  checkEvaluable(model, data, batchSize);
  await engine();
  const tally = new Tally(data.classes);
  const weights = toTensors(params);
  const pacer = new Pacer();
  try {
    for (let start = 0; start < data.count; start += batchSize) {
      throwIfAborted(signal);
      const { images, labels } = batchFrom(data, start, batchSize);
      const logits = tf.tidy(() =>
        model.apply(weights, tf.tensor(images, [labels.length, ...data.inputShape]), { training: false }),
      );
      tally.add((await logits.data()) as Float32Array, labels);
      logits.dispose();
      progress?.(start + labels.length, data.count, "images");
      await pacer.pause();
    }
  } finally {
    disposeTensors(weights);
  }
  return tally.result();
}
