import { installedEngines } from "#installed";
import { activateBlas } from "./backend-blas.js";
import { registerNodeKernels } from "./node-kernels.js";
import { tf } from "./tf.js";
import { installWasmKernels } from "./wasm-kernels.js";
import { repairWasmMatMul } from "./wasm-matmul.js";
import { addMissingWasmKernels } from "./wasm-missing.js";

/** A backend that has become the active one. */
export interface ActiveBackend {
  /** Threads per step. */
  readonly threads: number;
  /** Name and version of the native library that computes, where there is one; part of every step's key. */
  readonly library?: string;
  /** More about that library, for people: file, kind of processor. */
  readonly details?: string;
  /** Why `auto` should not take it although it works. */
  readonly slow?: string;
}

/** A way to compute. */
export interface BackendEntry {
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  /**
   * Makes it the active TensorFlow.js backend, or throws saying why it can't be.
   *
   * @param threads threads per step that are asked for; a backend that has only one takes one
   */
  activate(threads: number): Promise<ActiveBackend>;
}

type Environment = Record<string, string | undefined>;
interface Process {
  readonly env: Environment;
  readonly arch: string;
  readonly getBuiltinModule?: (name: string) => NodeUtil | undefined;
}
interface NodeUtil {
  isNullOrUndefined?: (value: unknown) => boolean;
  isArray?: typeof Array.isArray;
}
/** Node's, which the browser lacks. */
const { process } = globalThis as { process?: Process };

/** Variables that libtensorflow and CUDA read when they are loaded; what the user has set stays. */
function tensorflowEnvironment(engine: "node" | "gpu"): Environment {
  const env = process?.env ?? {};
  env.TF_CPP_MIN_LOG_LEVEL ??= "2"; // warnings and errors only
  // By itself it takes oneDNN on the newest processors only; on others a step of VGG-11 is 2.4 times as fast with it.
  if (engine === "node" && process?.arch === "x64") env.TF_ENABLE_ONEDNN_OPTS ??= "1";
  if (engine === "gpu") {
    env.NVIDIA_TF32_OVERRIDE ??= "0"; // products in float32, as on every other backend: TF32 rounds to 10 bits
    env.TF_DETERMINISTIC_OPS ??= "1"; // the same step gives the same bits
    env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true"; // else one worker takes all of the GPU's memory
  }
  return env;
}

const THREADS = Symbol.for("isthmus.engine.tensorflow-threads");
const loaded = globalThis as { [THREADS]?: number };

/**
 * Has `load` start libtensorflow with a number of threads, where the user's environment has none: by itself it takes every core. The
 * variable is gone after that, for this process's children are to choose their own.
 *
 * @returns the threads it has: those it was first loaded with
 */
async function withTensorflowThreads(
  env: Environment,
  threads: number,
  load: () => Promise<void>,
): Promise<number> {
  const { TF_NUM_INTRAOP_THREADS: given } = env;
  env.TF_NUM_INTRAOP_THREADS ??= String(threads);
  try {
    await load();
    loaded[THREADS] ??= Number(env.TF_NUM_INTRAOP_THREADS);
  } finally {
    if (given === undefined) delete env.TF_NUM_INTRAOP_THREADS;
  }
  return loaded[THREADS];
}

/** Node 23 took two functions away that tfjs-node 4.22 calls; given back before it loads. */
function restoreNodeUtil(): void {
  const util = process?.getBuiltinModule?.("util");
  if (util === undefined) return;
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  util.isArray ??= Array.isArray;
}

/**
 * Imports the project's own package, which is left alone where it works, else the one that `isthmus engine install` got.
 *
 * @returns where it came from, for people
 */
async function importTensorflow(module: string, engine: "node" | "gpu"): Promise<string> {
  const name: string = module; // not a literal, so that bundlers leave this import alone
  try {
    await import(/* @vite-ignore */ name);
    return module;
  } catch (error) {
    const installed = await installedEngines.find(engine);
    if (installed === undefined) throw error;
    const specifier: string = installedEngines.specifier(installed.entry);
    await import(/* @vite-ignore */ specifier);
    return installed.folder;
  }
}

async function activateTensorflow(
  module: string,
  engine: "node" | "gpu",
  threads: number,
): Promise<ActiveBackend> {
  const env = tensorflowEnvironment(engine);
  restoreNodeUtil();
  let details: string | undefined;
  const used = await withTensorflowThreads(env, threads, async () => {
    details = await importTensorflow(module, engine);
    if (!(await tf.setBackend("tensorflow")))
      throw new Error(`${module} loaded, but its backend did not start.`);
    await tf.ready();
  });
  const backend = tf.backend() as unknown as {
    isUsingGpuDevice?: boolean;
    binding?: { TF_Version?: string };
  };
  if (engine === "gpu" && !backend.isUsingGpuDevice)
    throw new Error(
      installedEngines.hasNvidiaDriver()
        ? `${module} loaded, but found no usable GPU`
        : "no NVIDIA driver is loaded here",
    );
  registerNodeKernels();
  const library = `libtensorflow ${backend.binding?.TF_Version ?? "of unknown version"}`;
  return { threads: used, library, details };
}

/** Every backend, best first: the order in which `auto` tries them, measured on training steps. */
export const BACKENDS: readonly BackendEntry[] = [
  {
    name: "gpu",
    title: "CUDA through @tensorflow/tfjs-node-gpu",
    activate: (threads) => activateTensorflow("@tensorflow/tfjs-node-gpu", "gpu", threads),
  },
  {
    name: "blas",
    title: "the machine's BLAS, called directly",
    activate: activateBlas,
  },
  {
    name: "node",
    title: "libtensorflow through @tensorflow/tfjs-node",
    activate: (threads) => activateTensorflow("@tensorflow/tfjs-node", "node", threads),
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
      addMissingWasmKernels();
      await installWasmKernels();
      return { threads: 1 };
    },
  },
  {
    name: "cpu",
    title: "plain JavaScript, slow, the reference",
    activate: async () => {
      await import("@tensorflow/tfjs-backend-cpu");
      await tf.setBackend("cpu");
      await tf.ready();
      return { threads: 1 };
    },
  },
];
