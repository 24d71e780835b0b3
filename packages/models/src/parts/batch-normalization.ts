import { type ApplyContext, normalizeBatch, sizeOf, tf } from "@isthmus/core";

/** Added to a variance before its root is taken, as in PyTorch. */
const EPSILON = 1e-5;

/** Share of a batch in running statistics, PyTorch's `momentum`. */
const SHARE = 0.1;

/**
 * Batch normalization (Ioffe & Szegedy 2015, arXiv 1502.03167) of `x [batch, …, units]`:
 *
 *     y = (x - μ) / √(σ² + 1e-5) · scale + bias
 *
 * While training, μ and σ² are mean and (biased) variance of the batch, per unit, and running statistics move by a tenth towards μ
 * and the unbiased variance; so they are while statistics are estimated, when these two are reported themselves. Otherwise the
 * running statistics are used.
 */
export function batchNormalization(
  x: tf.Tensor,
  name: string,
  params: ReadonlyMap<string, tf.Tensor>,
  { training, estimating = false, tap }: ApplyContext,
): tf.Tensor {
  const get = (part: string) => params.get(`${name}.${part}`) as tf.Tensor1D;
  const [scale, bias, runningMean, runningVariance] = ["scale", "bias", "mean", "variance"].map(get) as [
    tf.Tensor1D,
    tf.Tensor1D,
    tf.Tensor1D,
    tf.Tensor1D,
  ];
  if (!training && !estimating) return tf.batchNorm(x, runningMean, runningVariance, bias, scale, EPSILON);
  const { values, mean, variance } = normalizeBatch(x, scale, bias, EPSILON);
  if (tap?.buffer) {
    const count = sizeOf(x.shape.slice(0, -1));
    const unbiased = tf.mul(variance, count / Math.max(1, count - 1));
    const seen = (old: tf.Tensor, news: tf.Tensor) =>
      estimating ? news : tf.add(tf.mul(old, 1 - SHARE), tf.mul(news, SHARE));
    tap.buffer(`${name}.mean`, seen(runningMean, mean));
    tap.buffer(`${name}.variance`, seen(runningVariance, unbiased));
  }
  return values;
}
