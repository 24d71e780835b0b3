import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { hasFastKernel, runFastKernel } from "./engine/fast-kernels.js";
import { tf } from "./engine/tf.js";

/** A batch normalized by itself. */
export interface NormalizedBatch {
  /** x̂ · scale + bias, `[batch, …, units]`. */
  readonly values: Tensor;
  /** Mean of each unit, `[units]`; nothing is differentiated through it. */
  readonly mean: Tensor1D;
  /** Variance of each unit, divided by the number of entries, `[units]`; nothing is differentiated through it. */
  readonly variance: Tensor1D;
}

/** All axes but the last. */
const axesOf = ({ rank }: Tensor): number[] => Array.from({ length: rank - 1 }, (_, axis) => axis);

function momentsOf(x: Tensor): readonly [mean: Tensor1D, variance: Tensor1D] {
  if (hasFastKernel("ChannelMoments"))
    return runFastKernel("ChannelMoments", { x }, {}) as [Tensor1D, Tensor1D];
  const { mean, variance } = tf.moments(x, axesOf(x));
  return [mean as Tensor1D, variance as Tensor1D];
}

/** Gradients by x, scale and bias, of what {@link normalizeBatch} gives. */
function gradients(
  dy: Tensor,
  [x, mean, variance, scale]: readonly [Tensor, Tensor1D, Tensor1D, Tensor1D],
  epsilon: number,
): Tensor[] {
  const inputs = { x, dy, mean, variance, scale };
  if (hasFastKernel("BatchNormalizationGradients"))
    return runFastKernel("BatchNormalizationGradients", inputs, { epsilon });
  const axes = axesOf(x);
  const normalized = tf.batchNorm(x, mean, variance, undefined, undefined, epsilon);
  const byBias = tf.sum(dy, axes);
  const byScale = tf.sum(tf.mul(dy, normalized), axes);
  const share = mean.size / x.size;
  const centered = tf.sub(dy, tf.add(tf.mul(byBias, share), tf.mul(normalized, tf.mul(byScale, share))));
  const byX = tf.mul(centered, tf.mul(scale, tf.rsqrt(tf.add(variance, epsilon))));
  return [byX, byScale, byBias];
}

/**
 * Batch normalization by the batch's own statistics (Ioffe & Szegedy 2015, arXiv 1502.03167), per unit, the last axis:
 *
 *     y = x̂ · scale + bias,  x̂ = (x - μ) / √(σ² + ε)
 *
 * Its gradient is computed in closed form, through μ and σ² too: with D = ∂L/∂y and means over all entries of a unit,
 * ∂L/∂x = scale / √(σ² + ε) · (D - mean(D) - x̂ · mean(D x̂)).
 *
 * @param x `[batch, …, units]`, of 2 to 4 axes
 * @param epsilon added to a variance before its root is taken
 */
export function normalizeBatch(x: Tensor, scale: Tensor1D, bias: Tensor1D, epsilon: number): NormalizedBatch {
  const [mean, variance] = momentsOf(x);
  const normalize = tf.customGrad((...given) => {
    const [x, scale, bias, save] = given as unknown as [Tensor, Tensor1D, Tensor1D, (kept: Tensor[]) => void];
    save([x, mean, variance, scale]);
    return {
      value: tf.batchNorm(x, mean, variance, bias, scale, epsilon),
      gradFunc: (dy: Tensor, kept: Tensor[]) =>
        // What a custom gradient leaves behind would stay until the whole step ends.
        tf.tidy(() => gradients(dy, kept as [Tensor, Tensor1D, Tensor1D, Tensor1D], epsilon)),
    };
  });
  return { values: normalize(x, scale, bias), mean, variance };
}
