import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { tf } from "./engine/tf.js";

/** 1 at the label, 0 elsewhere: `[batch, classes]` float32 of `labels [batch]`. Call it inside `tidy`. */
export function oneHot(labels: Tensor, classes: number): Tensor2D {
  // The wasm backend's one-hot is int32 whatever type is asked for: cast it.
  return tf.cast(tf.oneHot(tf.cast(labels, "int32"), classes), "float32") as Tensor2D;
}

/**
 * Mean cross-entropy in nats, and its gradient by the logits, (softmax - target) / batch, of `logProbabilities [batch, classes]`
 * against `labels [batch]` (int32). Call it inside `tidy`.
 */
export function lossAndSlope(logProbabilities: Tensor2D, labels: Tensor): readonly [Scalar, Tensor2D] {
  const [batch, classes] = logProbabilities.shape;
  const target = oneHot(labels, classes);
  const loss = tf.mul(tf.sum(tf.mul(target, logProbabilities)), -1 / batch) as Scalar;
  return [loss, tf.mul(tf.sub(tf.exp(logProbabilities), target), 1 / batch)];
}

/** Mean cross-entropy in nats of `logits [batch, classes]` against `labels [batch]` (int32). Differentiable. */
export function crossEntropy(logits: Tensor, labels: Tensor): Scalar {
  const target = oneHot(labels, logits.shape[1] as number);
  return tf.neg(tf.mean(tf.sum(tf.mul(target, tf.logSoftmax(logits)), -1))) as Scalar;
}
