import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { BlasKernel } from "./kernel.js";

/**
 * `exp(xᵢ − max x) / Σⱼ exp(xⱼ − max x)` along the last axis. A line with NaN or +∞ in it becomes NaN, as it does
 * in the `cpu` backend, which computes the same step by step.
 */
export const softmax: BlasKernel = {
  name: "Softmax",
  run({ inputs, attrs, backend }) {
    const logits = inputs.logits as TensorInfo;
    const values = backend.floats(logits);
    const last = logits.shape.length - 1;
    const dim = attrs.dim as number;
    if (values === undefined || values.length === 0 || last < 0 || (dim !== -1 && dim !== last))
      return undefined;
    const n = logits.shape[last]!;
    const out = backend.allocate(values.length);
    for (let start = 0; start < values.length; start += n) {
      let max = Number.NEGATIVE_INFINITY;
      for (let i = start; i < start + n; i++) max = Math.max(max, values[i]!);
      let sum = 0;
      for (let i = start; i < start + n; i++) {
        const power = Math.exp(values[i]! - max);
        out[i] = power;
        sum += power;
      }
      for (let i = start; i < start + n; i++) out[i] = out[i]! / sum;
    }
    return backend.tensorOf(out, logits.shape);
  },
};
