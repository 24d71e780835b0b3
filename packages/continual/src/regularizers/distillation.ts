import { tf } from "@isthmus/core";

/**
 * Mean over images of -Σ_c softmax(z₀/T)_c log softmax(z/T)_c, with c in `classes`: least where both networks find these classes
 * equally likely. The teacher's answers are taken as they are. Differentiable.
 *
 * @param logits z `[images, classes]`
 * @param teacher z₀ `[images, classes]`
 */
export function distillation(
  logits: tf.Tensor,
  teacher: tf.Tensor,
  classes: readonly number[],
  temperature: number,
): tf.Scalar {
  const places = tf.tensor1d([...classes], "int32");
  const among = (z: tf.Tensor) => tf.div(tf.gather(z, places, 1), temperature);
  const target = tf.softmax(among(teacher));
  return tf.neg(tf.mean(tf.sum(tf.mul(target, tf.logSoftmax(among(logits))), 1))) as tf.Scalar;
}
