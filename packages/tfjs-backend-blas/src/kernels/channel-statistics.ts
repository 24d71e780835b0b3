import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs-core";
import type { BlasBackend } from "../backend/backend.js";
import { floats } from "./dense-stack-pass.js";

/** The input `name`, checked: as many numbers as asked for, where it matters. */
function read(
  backend: BlasBackend,
  inputs: Readonly<Record<string, unknown>>,
  name: string,
  size?: number,
): Float32Array {
  const values = floats(backend, inputs[name] as TensorInfo, name);
  if (size !== undefined && values.length !== size)
    throw new Error(`"${name}" has ${values.length} numbers, not ${size}.`);
  return values;
}

/**
 * Mean and (biased) variance of each channel, the last axis; in double precision, in two passes.
 *
 * Input: `x […, channels]`. Outputs: `mean [channels]`, `variance [channels]`.
 */
export const channelMoments: KernelFunc = ({ inputs, backend: owner }) => {
  const backend = owner as BlasBackend;
  const x = read(backend, inputs, "x");
  const channels = (inputs.x as TensorInfo).shape.at(-1) as number;
  const count = x.length / channels;
  const mean = new Float64Array(channels);
  for (let row = 0; row < x.length; row += channels)
    for (let c = 0; c < channels; c++) mean[c] = mean[c]! + x[row + c]!;
  for (let c = 0; c < channels; c++) mean[c] = mean[c]! / count;
  const variance = new Float64Array(channels);
  for (let row = 0; row < x.length; row += channels) {
    for (let c = 0; c < channels; c++) {
      const off = x[row + c]! - mean[c]!;
      variance[c] = variance[c]! + off * off;
    }
  }
  for (let c = 0; c < channels; c++) variance[c] = variance[c]! / count;
  return [mean, variance].map((each) => backend.tensorOf(Float32Array.from(each), [channels]));
};

/**
 * Gradients of y = x̂ · scale + bias, x̂ = (x - μ) / √(σ² + ε), where μ and σ² are mean and variance of the batch itself. With D the
 * gradient by y and sums over all n entries of a channel:
 *
 *     by bias: Σ D        by scale: Σ D x̂        by x: scale / √(σ² + ε) · (D - Σ D / n - x̂ Σ D x̂ / n)
 *
 * Inputs: `x […, channels]`, `dy` of its shape, `mean`, `variance` and `scale [channels]`; attribute `epsilon`. Outputs: the
 * gradients by x, scale and bias.
 */
export const batchNormalizationGradients: KernelFunc = ({ inputs, attrs, backend: owner }) => {
  const backend = owner as BlasBackend;
  const { epsilon } = attrs as unknown as { epsilon: number };
  const x = read(backend, inputs, "x");
  const { shape } = inputs.x as TensorInfo;
  const channels = shape.at(-1) as number;
  const dy = read(backend, inputs, "dy", x.length);
  const [mean, variance, scale] = ["mean", "variance", "scale"].map((name) =>
    read(backend, inputs, name, channels),
  ) as [Float32Array, Float32Array, Float32Array];
  const inverse = Float64Array.from(variance, (each) => 1 / Math.sqrt(each + epsilon));
  const [byScale, byBias] = [new Float64Array(channels), new Float64Array(channels)];
  for (let row = 0; row < x.length; row += channels) {
    for (let c = 0; c < channels; c++) {
      const d = dy[row + c]!;
      byBias[c] = byBias[c]! + d;
      byScale[c] = byScale[c]! + d * (x[row + c]! - mean[c]!);
    }
  }
  for (let c = 0; c < channels; c++) byScale[c] = byScale[c]! * inverse[c]!;
  // by x = a D + b x + e, per channel
  const count = x.length / channels;
  const a = inverse.map((each, c) => scale[c]! * each);
  const b = a.map((each, c) => (-each * byScale[c]! * inverse[c]!) / count);
  const e = a.map((each, c) => (-each * byBias[c]!) / count - b[c]! * mean[c]!);
  const byX = backend.allocate(x.length);
  for (let row = 0; row < x.length; row += channels)
    for (let c = 0; c < channels; c++) byX[row + c] = a[c]! * dy[row + c]! + b[c]! * x[row + c]! + e[c]!;
  return [
    backend.tensorOf(byX, [...shape]),
    ...[byScale, byBias].map((each) => backend.tensorOf(Float32Array.from(each), [channels])),
  ];
};
