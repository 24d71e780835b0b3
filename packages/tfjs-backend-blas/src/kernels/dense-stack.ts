import type { KernelFunc, NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import type { BlasBackend } from "../backend/backend.js";
import { addColumnSums, floats, type Layer, propagate, readStack } from "./dense-stack-pass.js";

/**
 * Loss and gradients of a stack of dense layers on a batch.
 *
 * Inputs: `images [batch, inputs]`, `labels [batch]` int32, `kernel<l> [inputs, units]`, and `bias<l> [units]` where there is
 * one. Attributes: `activations`, one per layer, `relu` or `linear`. Outputs: mean cross-entropy of the last layer's softmax
 * `[]`, then gradients layer by layer, kernel before bias: ∇K = Hᵀ D, ∇b = Σ D.
 */
export const denseStackGradients: KernelFunc = ({ inputs, attrs, backend: owner }) => {
  const backend = owner as BlasBackend;
  const stack = readStack(backend, inputs, attrs as NamedAttrMap);
  const gradients: TensorInfo[] = [];
  const loss = propagate(backend, stack, (l, read, delta) => {
    const { inputs: rows, units, bias } = stack.layers[l] as Layer;
    if (bias !== undefined) {
      const sums = new Float32Array(units);
      addColumnSums(delta, stack.batch, 1, 0, sums);
      gradients.unshift(backend.tensorOf(sums, [units]));
    }
    const gradient = new Float32Array(rows * units);
    backend.blas.sgemm(
      true,
      false,
      rows,
      units,
      stack.batch,
      1,
      read,
      0,
      rows,
      delta,
      0,
      units,
      0,
      gradient,
      0,
      units,
    );
    gradients.unshift(backend.tensorOf(gradient, [rows, units]));
  });
  return [backend.tensorOf(Float32Array.of(loss), []), ...gradients];
};

/** Numbers of a kernel that are updated at a time: what the product has written is still in the cache for the step that reads it. */
const BLOCK = 2 ** 19;

/**
 * One step of gradient descent with momentum on a stack of dense layers, in place: v ← μ v + g + λ θ, θ ← θ - η v. The product
 * that makes a gradient adds it to the velocity at once, so that no gradient is ever stored.
 *
 * Inputs: those of `DenseStackGradients`, and `kernelVelocity<l>`, `biasVelocity<l>` of the same shapes. Attributes:
 * `activations`, `momentum` μ, `weightDecay` λ, `learningRate` η. Output: the mean cross-entropy before the update, `[]`.
 */
export const denseStackMomentum: KernelFunc = ({ inputs, attrs, backend: owner }) => {
  const backend = owner as BlasBackend;
  const { blas } = backend;
  const stack = readStack(backend, inputs, attrs as NamedAttrMap);
  const { momentum, weightDecay, learningRate } = attrs as unknown as Record<
    "momentum" | "weightDecay" | "learningRate",
    number
  >;
  const descend = (value: Float32Array, velocity: Float32Array, at: number, count: number): void => {
    if (weightDecay !== 0) blas.saxpy(count, weightDecay, value, at, velocity, at);
    blas.saxpy(count, -learningRate, velocity, at, value, at);
  };
  const loss = propagate(backend, stack, (l, read, delta) => {
    const { kernel, bias, inputs: rows, units } = stack.layers[l] as Layer;
    const velocity = floats(backend, inputs[`kernelVelocity${l}`] as TensorInfo, `kernelVelocity${l}`);
    const most = Math.ceil(rows / Math.ceil((rows * units) / BLOCK));
    for (let row = 0; row < rows; row += most) {
      const some = Math.min(most, rows - row);
      const at = row * units;
      blas.sgemm(
        true,
        false,
        some,
        units,
        stack.batch,
        1,
        read,
        row,
        rows,
        delta,
        0,
        units,
        momentum,
        velocity,
        at,
        units,
      );
      descend(kernel, velocity, at, some * units);
    }
    if (bias === undefined) return;
    const biasVelocity = floats(backend, inputs[`biasVelocity${l}`] as TensorInfo, `biasVelocity${l}`);
    addColumnSums(delta, stack.batch, 1, momentum, biasVelocity);
    descend(bias, biasVelocity, 0, units);
  });
  return backend.tensorOf(Float32Array.of(loss), []);
};
