import {
  getKernel,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import { BACKEND_NAME, type BlasBackend } from "../backend/backend.js";

/** What a kernel is handed. */
export interface KernelArgs {
  readonly inputs: NamedTensorInfoMap;
  readonly attrs: NamedAttrMap;
  readonly backend: BlasBackend;
}

/**
 * A kernel of the `blas` backend. `run` returns `undefined` for what it does not do (another type, a rare layout),
 * and the `cpu` backend's kernel of that name does it instead.
 */
export interface BlasKernel {
  /** TensorFlow.js's name of the kernel. */
  readonly name: string;
  /** The result as a new tensor, or `undefined`; inputs are only read. */
  readonly run: (args: KernelArgs) => TensorInfo | undefined;
}

/** Runs another kernel of this backend by its name. */
export function runKernelOf(
  backend: BlasBackend,
  name: string,
  inputs: NamedTensorInfoMap,
  attrs: NamedAttrMap = {},
): TensorInfo {
  const kernel = getKernel(name, BACKEND_NAME);
  if (kernel == null) throw new Error(`The backend ${BACKEND_NAME} has no kernel ${name}.`);
  return kernel.kernelFunc({ inputs, attrs, backend }) as TensorInfo;
}

/** The number of elements of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, each) => size * each, 1);
