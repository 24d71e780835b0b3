import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { BlasKernel } from "./kernel.js";

/**
 * `offset + (x − mean) · scale / √(variance + ε)`, with one mean, variance, scale and offset per channel (the last
 * axis). Other shapes of these are the `cpu` backend's.
 */
export const batchNorm: BlasKernel = {
  name: "FusedBatchNorm",
  run({ inputs, attrs, backend }) {
    const { x, mean, variance, scale, offset } = inputs as Record<string, TensorInfo | undefined>;
    const channels = x!.shape[x!.shape.length - 1]!;
    const perChannel = (tensor: TensorInfo | undefined, otherwise: number): Float32Array | undefined => {
      if (tensor == null) return new Float32Array(channels).fill(otherwise);
      return tensor.shape.length === 1 && tensor.shape[0] === channels ? backend.floats(tensor) : undefined;
    };
    const values = backend.floats(x!);
    const means = perChannel(mean, 0);
    const variances = perChannel(variance, 1);
    const scales = perChannel(scale, 1);
    const offsets = perChannel(offset, 0);
    if (!values || !means || !variances || !scales || !offsets) return undefined;
    const epsilon = (attrs.varianceEpsilon as number | undefined) ?? 0.001;
    const factors = Float64Array.from(variances, (each, c) => scales[c]! / Math.sqrt(each + epsilon));
    const out = backend.allocate(values.length);
    for (let start = 0; start < out.length; start += channels) {
      for (let c = 0; c < channels; c++)
        out[start + c] = offsets[c]! + (values[start + c]! - means[c]!) * factors[c]!;
    }
    return backend.tensorOf(out, x!.shape);
  },
};
