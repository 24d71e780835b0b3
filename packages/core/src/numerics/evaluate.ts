import type { Evaluation } from "../contracts/evaluation.js";
import type { LabeledData } from "../contracts/labeled-data.js";
import type { Model } from "../contracts/model.js";
import type { Params } from "../contracts/params.js";
import type { Progress } from "../contracts/ports.js";
import { IsthmusError, throwIfAborted } from "../errors/isthmus-error.js";
import { engine } from "./engine/engine.js";
import { disposeTensors, toTensors } from "./engine/tensors.js";
import { tf } from "./engine/tf.js";
import { Pacer } from "./pacer.js";
import { checkParams } from "./params.js";

/** log Σ exp of a row of logits, and the index of its largest entry (the first of equals). */
function readRow(logits: Float32Array, from: number, classes: number): { logSumExp: number; answer: number } {
  let answer = 0;
  for (let c = 1; c < classes; c++) if (logits[from + c] > logits[from + answer]) answer = c;
  const max = logits[from + answer];
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp(logits[from + c] - max);
  return { logSumExp: max + Math.log(sum), answer };
}

/** How evaluation runs. */
export interface EvaluateOptions {
  /** Images per forward pass; does not change the result beyond rounding. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
}

/**
 * Loss, accuracy, accuracy per class and confusion matrix of a network on all of `data`, which must not be empty.
 *
 * @throws `params/mismatch`, `data/shape` (another number of classes), `run/aborted`
 */
export async function evaluate(
  model: Model,
  params: Params,
  data: LabeledData,
  { batchSize = 500, signal, progress }: EvaluateOptions = {},
): Promise<Evaluation> {
  checkParams(model, params, "the network to evaluate");
  const { classes: outputs } = model.spec.task;
  if (outputs !== data.classes) {
    throw new IsthmusError({
      code: "data/shape",
      message: `A network that tells ${outputs} classes apart cannot be evaluated on data of ${data.classes} classes.`,
      hint: "Evaluate it on the kind of data it was trained for.",
    });
  }
  if (!(batchSize >= 1)) throw new RangeError(`A batch has at least one image, not ${batchSize}.`);
  if (data.count === 0) throw new RangeError("There are no images to evaluate on.");
  await engine();
  const { classes } = data;
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  let lossSum = 0;
  const weights = toTensors(params);
  const pacer = new Pacer();
  try {
    for (let start = 0; start < data.count; start += batchSize) {
      throwIfAborted(signal);
      const size = Math.min(batchSize, data.count - start);
      const batch = data.batch(Uint32Array.from({ length: size }, (_, i) => start + i));
      const logits = tf.tidy(() =>
        model.apply(weights, tf.tensor(batch.images, [size, ...data.inputShape]), { training: false }),
      );
      const values = (await logits.data()) as Float32Array;
      logits.dispose();
      for (let i = 0; i < size; i++) {
        const label = batch.labels[i];
        const { logSumExp, answer } = readRow(values, i * classes, classes);
        lossSum += logSumExp - values[i * classes + label];
        confusion[label][answer]++;
      }
      progress?.(start + size, data.count, "images");
      await pacer.pause();
    }
  } finally {
    disposeTensors(weights);
  }
  const right = confusion.map((row, c) => row[c]);
  const perClass = confusion.map((row, c) => right[c] / row.reduce((a, b) => a + b, 0));
  const accuracy = right.reduce((a, b) => a + b, 0) / data.count;
  return { loss: lossSum / data.count, accuracy, perClass, confusion, count: data.count };
}
