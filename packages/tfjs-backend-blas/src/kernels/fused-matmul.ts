import type { TensorInfo } from "@tensorflow/tfjs-core";
import { applyEpilogue, type Epilogue } from "./epilogue.js";
import type { BlasKernel } from "./kernel.js";
import { product } from "./matmul.js";

/** `activation(op(A) · op(B) + bias)`, as a dense layer computes it. */
export const fusedMatMul: BlasKernel = {
  name: "_FusedMatMul",
  run(args) {
    const { bias, preluActivationWeights } = args.inputs as Record<string, TensorInfo | undefined>;
    if (bias != null && bias.dtype !== "float32") return undefined;
    const result = product(args);
    if (result === undefined) return undefined;
    const { activation, leakyreluAlpha } = args.attrs as Pick<Epilogue, "activation" | "leakyreluAlpha">;
    return applyEpilogue(args.backend, result, { bias, activation, preluActivationWeights, leakyreluAlpha });
  },
};
