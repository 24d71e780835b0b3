import { registerNodeKernels } from "./node-kernels.js";
import { tf } from "./tf.js";
import { installWasmKernels } from "./wasm-kernels.js";
import { repairWasmMatMul } from "./wasm-matmul.js";

/** A way to compute. */
export interface BackendEntry {
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  /**
   * Makes it the active TensorFlow.js backend and tells its threads per step, or throws saying why it can't be.
   *
   * @param threads threads per step that are asked for; a backend that has only one takes one
   */
  activate(threads: number): Promise<number>;
}

/** Variables that libtensorflow reads when it is loaded; what the user has set stays. */
function tensorflowEnvironment(threads: number): Record<string, string | undefined> {
  const env = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env ?? {};
  env.TF_CPP_MIN_LOG_LEVEL ??= "2"; // warnings and errors only
  env.TF_NUM_INTRAOP_THREADS ??= String(threads); // by default it takes every core; threads per step are an explicit choice here
  return env;
}

/** Node 23 took two functions away that tfjs-node 4.22 calls; given back before it loads. */
function restoreNodeUtil(): void {
  type Util = { isNullOrUndefined?: (value: unknown) => boolean; isArray?: typeof Array.isArray };
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => Util | undefined } };
  const util = process?.getBuiltinModule?.("util");
  if (util === undefined) return;
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

async function activateTensorflow(module: string, needsGpu: boolean, threads: number): Promise<number> {
  const env = tensorflowEnvironment(threads);
  restoreNodeUtil();
  const name: string = module; // not a literal, so that bundlers leave this import alone
  await import(/* @vite-ignore */ name);
  if (!(await tf.setBackend("tensorflow")))
    throw new Error(`${module} loaded, but its backend did not start.`);
  await tf.ready();
  const backend = tf.backend() as unknown as { isUsingGpuDevice?: boolean };
  if (needsGpu && !backend.isUsingGpuDevice) throw new Error(`${module} loaded, but found no usable GPU.`);
  registerNodeKernels();
  return Number(env.TF_NUM_INTRAOP_THREADS);
}

/** Every backend, best first: the order in which `auto` tries them. */
export const BACKENDS: readonly BackendEntry[] = [
  {
    name: "gpu",
    title: "CUDA through @tensorflow/tfjs-node-gpu",
    activate: (threads) => activateTensorflow("@tensorflow/tfjs-node-gpu", true, threads),
  },
  {
    name: "node",
    title: "libtensorflow through @tensorflow/tfjs-node",
    activate: (threads) => activateTensorflow("@tensorflow/tfjs-node", false, threads),
  },
  {
    name: "wasm",
    title: "WebAssembly, runs everywhere",
    activate: async () => {
      const { setThreadsCount } = await import("@tensorflow/tfjs-backend-wasm");
      setThreadsCount(1);
      if (!(await tf.setBackend("wasm"))) throw new Error("the WebAssembly module did not start.");
      await tf.ready();
      repairWasmMatMul();
      await installWasmKernels();
      return 1;
    },
  },
  {
    name: "cpu",
    title: "plain JavaScript, slow, the reference",
    activate: async () => {
      await import("@tensorflow/tfjs-backend-cpu");
      await tf.setBackend("cpu");
      await tf.ready();
      return 1;
    },
  },
];
