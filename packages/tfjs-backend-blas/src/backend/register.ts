// Importing the cpu backend registers its kernels, which this one builds on.
import "@tensorflow/tfjs-backend-cpu";
import {
  findBackendFactory,
  getKernel,
  getKernelsForBackend,
  type KernelConfig,
  type KernelFunc,
  registerBackend,
  registerKernel,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import { BlasError } from "../error.js";
import { blasKernels } from "../kernels/all.js";
import { batchNormalizationGradients, channelMoments } from "../kernels/channel-statistics.js";
import { denseStackGradients, denseStackMomentum } from "../kernels/dense-stack.js";
import { denseStackCurveMomentum } from "../kernels/dense-stack-curve.js";
import type { BlasKernel, KernelArgs } from "../kernels/kernel.js";
import { linearCombination, momentumUpdate } from "../kernels/momentum.js";
import { reluGradient } from "../kernels/relu.js";
import { type BlasLibrary, type FindOptions, type FoundLibrary, findBlas } from "../library/find.js";
import { BACKEND_NAME, BlasBackend } from "./backend.js";

/** Kernels that TensorFlow.js has no names for: whole pieces of training. */
const trainingKernels: Readonly<Record<string, KernelFunc>> = {
  DenseStackGradients: denseStackGradients,
  DenseStackMomentum: denseStackMomentum,
  DenseStackCurveMomentum: denseStackCurveMomentum,
  LinearCombination: linearCombination,
  MomentumUpdate: momentumUpdate,
  ChannelMoments: channelMoments,
  BatchNormalizationGradients: batchNormalizationGradients,
  ReluGradient: reluGradient,
};

/** Below every backend there is, so that registering never changes which one TensorFlow.js picks by itself. */
const PRIORITY = 0;

/** Where to look, and how many threads to use. */
export interface RegisterOptions extends FindOptions {
  /** At least 1; by default 1 at the first call, and what it was at a later one. */
  readonly threads?: number;
}

let found: FoundLibrary | undefined;

/**
 * Makes `tf.setBackend("blas")` work: finds a library, registers the backend and its kernels. Called again, it keeps
 * the library and only sets the threads anew.
 *
 * @returns the library in use
 * @throws BlasError `blas/not-found`, `blas/bad-threads`
 * @example
 * import * as tf from "@tensorflow/tfjs-core";
 * import { registerBlasBackend } from "@isthmus/tfjs-backend-blas";
 *
 * const library = await registerBlasBackend({ threads: 2 });
 * await tf.setBackend("blas");
 * console.log(library.config, tf.matMul(tf.ones([2, 3]), tf.ones([3, 2])).arraySync());
 */
export async function registerBlasBackend(options: RegisterOptions = {}): Promise<BlasLibrary> {
  if (options.threads !== undefined) checkThreads(options.threads);
  const library = found ?? findBlas(options);
  found = library;
  if (options.threads !== undefined) setBlasThreads(options.threads);
  registerKernels();
  if (findBackendFactory(BACKEND_NAME) == null)
    registerBackend(BACKEND_NAME, () => new BlasBackend(library.blas), PRIORITY);
  const { name, path, config, threads, foundIn } = found;
  return { name, path, config, threads, foundIn };
}

/**
 * Sets how many threads the library uses, in this process and at once.
 *
 * @param threads at least 1
 * @returns how many it will use: fewer where the library knows no more
 * @throws BlasError `blas/bad-threads`, `blas/not-registered`
 */
export function setBlasThreads(threads: number): number {
  checkThreads(threads);
  if (found === undefined) {
    throw new BlasError(
      "blas/not-registered",
      "There is no BLAS library to set threads for yet.",
      "Call registerBlasBackend first.",
    );
  }
  const used = found.setThreads(threads);
  found = { ...found, threads: used };
  return used;
}

function checkThreads(threads: number): void {
  if (Number.isInteger(threads) && threads >= 1 && threads <= 1024) return;
  throw new BlasError(
    "blas/bad-threads",
    `The number of threads is ${threads}.`,
    "Give an integer from 1 to 1024.",
  );
}

/** All kernels of the cpu backend, under this backend's name, with this package's own before them. */
function registerKernels(): void {
  const own = new Map(blasKernels.map((kernel) => [kernel.name, kernel]));
  for (const config of getKernelsForBackend("cpu")) {
    if (getKernel(config.kernelName, BACKEND_NAME) != null) continue;
    const kernel = own.get(config.kernelName);
    registerKernel({
      ...config,
      backendName: BACKEND_NAME,
      kernelFunc: kernel === undefined ? ofCpu(config) : firstOf(kernel, config),
    });
  }
  for (const [kernelName, kernelFunc] of Object.entries(trainingKernels)) {
    if (getKernel(kernelName, BACKEND_NAME) == null)
      registerKernel({ kernelName, backendName: BACKEND_NAME, kernelFunc });
  }
}

/** Kernels of the cpu backend whose result is the same tensor under another shape, counted as one more owner. */
const SHARING: readonly string[] = ["Identity", "Reshape"];

/** The cpu backend's kernel: its result may be a view of an input's numbers. */
function ofCpu({ kernelName, kernelFunc }: KernelConfig): KernelFunc {
  if (SHARING.includes(kernelName)) return kernelFunc;
  return (args) => {
    for (const input of Object.values(args.inputs))
      if (input != null) (args.backend as BlasBackend).show(input as TensorInfo);
    return kernelFunc(args);
  };
}

/** The kernel, and where it declines the cpu backend's. */
function firstOf(kernel: BlasKernel, cpu: KernelConfig): KernelFunc {
  const other = ofCpu(cpu);
  return (args): TensorInfo | TensorInfo[] => kernel.run(args as unknown as KernelArgs) ?? other(args);
}
