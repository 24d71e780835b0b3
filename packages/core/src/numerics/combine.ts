import type { Tensor } from "@tensorflow/tfjs-core";
import { hasFastKernel, runFastKernel } from "./engine/fast-kernels.js";
import { tf } from "./engine/tf.js";

/**
 * Σ cᵢ xᵢ of float32 tensors of one shape, as a new tensor; what has coefficient 0 is left out. Call it inside `tidy`, outside
 * of anything that is differentiated.
 *
 * @param coefficients as many as tensors
 * @param tensors at least one
 */
export function combineTensors(coefficients: readonly number[], tensors: readonly Tensor[]): Tensor {
  const terms = tensors.map((x, i) => ({ x, c: coefficients[i] as number })).filter(({ c }) => c !== 0);
  if (terms.length === 0) return tf.zerosLike(tensors[0] as Tensor);
  if (!hasFastKernel("LinearCombination"))
    return terms.map(({ x, c }) => tf.mul(x, c)).reduce((sum, term) => tf.add(sum, term));
  const inputs = Object.fromEntries(terms.map(({ x }, i) => [`x${i}`, x]));
  return runFastKernel("LinearCombination", inputs, { coefficients: terms.map(({ c }) => c) })[0] as Tensor;
}
