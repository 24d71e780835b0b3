import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { tf } from "./engine/tf.js";

/** Mean cross-entropy in nats of `logits [batch, classes]` against `labels [batch]` (int32). Differentiable. */
export function crossEntropy(logits: Tensor, labels: Tensor): Scalar {
  const classes = logits.shape[1] as number;
  // The wasm backend's one-hot is int32 whatever type is asked for: cast it.
  const target = tf.cast(tf.oneHot(tf.cast(labels, "int32"), classes), "float32");
  return tf.neg(tf.mean(tf.sum(tf.mul(target, tf.logSoftmax(logits)), -1))) as Scalar;
}
