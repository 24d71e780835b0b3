import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import type { BlasBackend } from "../backend/backend.js";

/**
 * Gradient descent with momentum, in place: v ← μ v + g + λ θ, θ ← θ - η v.
 *
 * Inputs: `value` θ, `velocity` v and `gradient` g, float32 of one shape; the gradient is only read. Attributes: `momentum` μ,
 * `weightDecay` λ, `learningRate` η. No outputs.
 */
export const momentumUpdate: KernelFunc = ({ inputs, attrs, backend: owner }) => {
  const backend = owner as BlasBackend;
  const { momentum, weightDecay, learningRate } = attrs as unknown as Record<
    "momentum" | "weightDecay" | "learningRate",
    number
  >;
  const [value, velocity, gradient] = ["value", "velocity", "gradient"].map((name) => {
    const values = backend.floats(inputs[name] as TensorInfo);
    if (values === undefined) throw new Error(`"${name}" is to be float32.`);
    return values;
  }) as [Float32Array, Float32Array, Float32Array];
  const size = value.length;
  backend.blas.saxpby(size, 1, gradient, 0, momentum, velocity, 0);
  if (weightDecay !== 0) backend.blas.saxpy(size, weightDecay, value, 0, velocity, 0);
  backend.blas.saxpy(size, -learningRate, velocity, 0, value, 0);
  return [];
};

/**
 * Σ cᵢ xᵢ as a new tensor.
 *
 * Inputs: `x0`, `x1`, …, at least one, float32 of one shape. Attribute: `coefficients`, as many.
 */
export const linearCombination: KernelFunc = ({ inputs, attrs, backend: owner }) => {
  const backend = owner as BlasBackend;
  const { coefficients } = attrs as unknown as { coefficients: readonly number[] };
  const { shape } = inputs.x0 as TensorInfo;
  const result = new Float32Array(shape.reduce((size, each) => size * each, 1));
  coefficients.forEach((coefficient, i) => {
    const values = backend.floats(inputs[`x${i}`] as TensorInfo);
    if (values === undefined || values.length !== result.length)
      throw new Error(`"x${i}" is to be float32 of shape [${shape}].`);
    backend.blas.saxpy(result.length, coefficient, values, 0, result, 0);
  });
  return backend.tensorOf(result, shape);
};
