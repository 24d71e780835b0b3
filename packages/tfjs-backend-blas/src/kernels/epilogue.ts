import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { BlasBackend } from "../backend/backend.js";
import { runKernelOf } from "./kernel.js";
import { relu } from "./relu.js";

/** What follows a product or a convolution in one fused kernel. */
export interface Epilogue {
  readonly bias: TensorInfo | undefined;
  readonly activation: string | undefined;
  readonly preluActivationWeights: TensorInfo | undefined;
  readonly leakyreluAlpha: number | undefined;
}

const KERNELS: Readonly<Record<string, string>> = {
  relu: "Relu",
  relu6: "Relu6",
  elu: "Elu",
  sigmoid: "Sigmoid",
  leakyrelu: "LeakyRelu",
  prelu: "Prelu",
};

/**
 * `activation(x + bias)`. The usual bias (one number per column of the last axis) and ReLU are done where the
 * product lies; everything else goes through the kernels of the single operations.
 *
 * @param x the product, which nobody else has seen yet; it is disposed or becomes the result
 */
export function applyEpilogue(backend: BlasBackend, x: TensorInfo, epilogue: Epilogue): TensorInfo {
  const { bias, activation, preluActivationWeights, leakyreluAlpha } = epilogue;
  let current = x;
  const replace = (next: TensorInfo): void => {
    backend.disposeIntermediateTensorInfo(current);
    current = next;
  };
  if (bias != null && !addInPlace(backend, x, bias))
    replace(runKernelOf(backend, "Add", { a: current, b: bias }));
  if (activation == null || activation === "linear") return current;
  const values = backend.floats(current);
  if (activation === "relu" && values !== undefined) {
    relu(values, values);
    return current;
  }
  const name = KERNELS[activation];
  if (name === undefined)
    throw new Error(`Activation ${activation} has not been implemented for the blas backend.`);
  const inputs = activation === "prelu" ? { x: current, alpha: preluActivationWeights! } : { x: current };
  replace(runKernelOf(backend, name, inputs, activation === "leakyrelu" ? { alpha: leakyreluAlpha! } : {}));
  return current;
}

/** Adds one number per column, if that is what the bias is. */
function addInPlace(backend: BlasBackend, x: TensorInfo, bias: TensorInfo): boolean {
  const columns = x.shape[x.shape.length - 1]!;
  const values = backend.floats(x);
  const row = backend.floats(bias);
  if (values === undefined || row === undefined) return false;
  if (
    bias.shape[bias.shape.length - 1] !== columns ||
    row.length !== columns ||
    bias.shape.length > x.shape.length
  )
    return false;
  for (let start = 0; start < values.length; start += columns) {
    for (let i = 0; i < columns; i++) values[start + i] = values[start + i]! + row[i]!;
  }
  return true;
}
