import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { BlasKernel } from "./kernel.js";

/**
 * Conversions from and to float32. The `cpu` backend lets a float32 tensor keep the bytes of a bool or int32 tensor,
 * which every kernel here would have to decline; so the numbers are converted at once.
 */
export const cast: BlasKernel = {
  name: "Cast",
  run({ inputs, attrs, backend }) {
    const x = inputs.x as TensorInfo;
    const { values } = backend.data.get(x.dataId);
    if (attrs.dtype === "float32" && (x.dtype === "bool" || x.dtype === "int32")) {
      return backend.tensorOf(new Float32Array(values as Uint8Array | Int32Array), x.shape);
    }
    if (attrs.dtype === "bool" && values instanceof Float32Array) {
      const out = new Uint8Array(values.length);
      for (let i = 0; i < out.length; i++) out[i] = values[i] !== 0 ? 1 : 0;
      return backend.tensorOf(out, x.shape, "bool");
    }
    return undefined;
  },
};
