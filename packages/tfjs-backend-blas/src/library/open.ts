import { existsSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import { Blas, type RawBlas } from "./checked.js";
import { loadNative, type NativeFunction, type NativeLibrary, type NativeLoader } from "./native.js";

/** Which implementation of BLAS a library is; `"blas"` stands for any other, the reference one for instance. */
export type BlasName = "openblas" | "mkl" | "accelerate" | "blas";

/** A library that has been loaded and found fit for use. */
export interface OpenedLibrary {
  readonly name: BlasName;
  /** Its file, or the name under which the system found it. */
  readonly path: string;
  /** What the library says of itself: version, build options, processor. */
  readonly config: string;
  /** The checked functions. */
  readonly blas: Blas;
  /** Asks for so many threads; returns how many the library will use. */
  setThreads(threads: number): number;
}

/** Why a library cannot be used. */
export class Refusal extends Error {}

const INT = "int32_t";
const FLOATS = "void *";

/** What stands before and after a function's name: some builds rename them all, to live beside other builds. */
const PREFIXES = ["", "scipy_"] as const;
const SUFFIXES_OF_64_BIT = ["64_", "_64", "64"] as const;

/**
 * Loads a library and makes sure that it may be called: it exports the C interface of BLAS, and its integers have
 * 32 bits. A build with 64-bit integers (NumPy's own, for instance) would read garbage for sizes, so it is
 * recognized by its names, by what it says of itself, and at last by a call that is harmless in both.
 *
 * @param path the file, or a name that the system's loader knows
 * @param load the loader, another one in tests
 * @throws Refusal saying why it cannot be used
 */
export function openLibrary(path: string, load: NativeLoader = loadNative): OpenedLibrary {
  const library = loadOrRefuse(path, load);
  const prefix = prefixOf(library);
  const find = (name: string, result: string, parameters: readonly string[]) =>
    library.find(`${prefix}${name}`, result, parameters);

  const getConfig = find("openblas_get_config", "str", []);
  const config = getConfig === undefined ? undefined : String(getConfig());
  if (config !== undefined && /USE64BITINT|INTERFACE64/.test(config))
    throw new Refusal("its integers have 64 bits, as it says itself (USE64BITINT)");
  const mkl = library.find("MKL_Set_Interface_Layer", INT, [INT]);
  if (mkl !== undefined) prepareMkl(library, mkl, path);
  refuse64BitIntegers(find);

  const raw = bind(find);
  const common = { path, blas: new Blas(raw) };
  if (mkl !== undefined) return { ...common, name: "mkl", ...mklThreads(library) };
  if (config !== undefined) return { ...common, name: "openblas", config, setThreads: openblasThreads(find) };
  if (path.includes("Accelerate.framework"))
    return { ...common, name: "accelerate", config: "Accelerate", setThreads: accelerateThreads };
  return { ...common, name: "blas", config: "no description", setThreads: () => 1 };
}

type Find = (name: string, result: string, parameters: readonly string[]) => NativeFunction | undefined;

function loadOrRefuse(path: string, load: NativeLoader): NativeLibrary {
  try {
    return load(path);
  } catch (error) {
    throw new Refusal(`cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What stands before the names. */
function prefixOf(library: NativeLibrary): string {
  const parameters = sgemmParameters;
  for (const prefix of PREFIXES) {
    if (library.find(`${prefix}cblas_sgemm`, "void", parameters) !== undefined) return prefix;
  }
  for (const prefix of PREFIXES) {
    for (const suffix of SUFFIXES_OF_64_BIT) {
      if (library.find(`${prefix}cblas_sgemm${suffix}`, "void", parameters) !== undefined)
        throw new Refusal(
          `its integers have 64 bits: the function is called ${prefix}cblas_sgemm${suffix} there`,
        );
    }
  }
  throw new Refusal("has no function cblas_sgemm");
}

const sgemmParameters = [
  ...[INT, INT, INT, INT, INT, INT],
  ...["float", FLOATS, INT, FLOATS, INT, "float", FLOATS, INT],
];

/**
 * A dot product of `1 − 2³²` numbers: none to a library that reads 64 bits, one to a library that reads the lower
 * 32. No matter how it reads, it stays within the arrays.
 */
function refuse64BitIntegers(find: Find): void {
  const dot = find("cblas_sdot", "float", ["int64_t", FLOATS, "int64_t", FLOATS, "int64_t"]);
  if (dot === undefined) throw new Refusal("has no function cblas_sdot");
  const result = dot(-0xffffffffn, new Float32Array([2]), 1n, new Float32Array([3]), 1n);
  if (result === 0) throw new Refusal("its integers have 64 bits, as a call shows");
  if (result !== 6) throw new Refusal(`2 · 3 is ${String(result)} there`);
}

function bind(find: Find): RawBlas {
  const need = (name: string, parameters: readonly string[]): NativeFunction => {
    const found = find(name, "void", parameters);
    if (found === undefined) throw new Refusal(`has no function ${name}`);
    return found;
  };
  const axpby = [INT, "float", FLOATS, INT, "float", FLOATS, INT];
  return {
    sgemm: need("cblas_sgemm", sgemmParameters) as RawBlas["sgemm"],
    saxpy: need("cblas_saxpy", [INT, "float", FLOATS, INT, FLOATS, INT]) as RawBlas["saxpy"],
    sscal: need("cblas_sscal", [INT, "float", FLOATS, INT]) as RawBlas["sscal"],
    saxpby: (find("cblas_saxpby", "void", axpby) ?? find("catlas_saxpby", "void", axpby)) as
      | RawBlas["saxpby"]
      | undefined,
  };
}

function openblasThreads(find: Find): (threads: number) => number {
  const set = find("openblas_set_num_threads", "void", [INT]);
  const get = find("openblas_get_num_threads", INT, []);
  return (threads) => {
    if (set === undefined || get === undefined) return 1;
    set(threads);
    return Number(get());
  };
}

/** Accelerate reads its limit from the environment when it is first called. */
function accelerateThreads(threads: number): number {
  process.env.VECLIB_MAXIMUM_THREADS = String(threads);
  return threads;
}

const LP64 = 0;
const SEQUENTIAL = 1;
const INTEL_THREADS = 0;

/**
 * Chooses 32-bit integers and a kind of threads. MKL ends the whole process if a part of it is missing when it is
 * first called, so the parts are looked for before.
 */
function prepareMkl(library: NativeLibrary, setInterface: NativeFunction, path: string): void {
  const setThreading = library.find("MKL_Set_Threading_Layer", INT, [INT]);
  if (setThreading === undefined) throw new Refusal("has no function MKL_Set_Threading_Layer");
  if (!isAbsolute(path)) throw new Refusal("is MKL without its folder; name the file");
  const sibling = (part: string) => {
    const file = join(dirname(path), basename(path).replace("mkl_rt", part));
    return (
      existsSync(file) ||
      existsSync(file.replace(/\.so$/, ".so.2")) ||
      existsSync(file.replace(/\.so$/, ".so.1"))
    );
  };
  for (const part of process.platform === "win32" ? ["mkl_core"] : ["mkl_core", "mkl_intel_lp64"]) {
    if (!sibling(part)) throw new Refusal(`lacks its part ${part} in the same folder`);
  }
  const openmp = { linux: "libiomp5.so", darwin: "libiomp5.dylib", win32: "libiomp5md.dll" } as Partial<
    Record<NodeJS.Platform, string>
  >;
  const threaded =
    sibling("mkl_intel_thread") && existsSync(join(dirname(path), openmp[process.platform] ?? ""));
  if (!threaded && !sibling("mkl_sequential"))
    throw new Refusal("lacks both its threads (mkl_intel_thread with libiomp5) and mkl_sequential");
  setThreading(threaded ? INTEL_THREADS : SEQUENTIAL);
  setInterface(LP64);
}

function mklThreads(library: NativeLibrary): Pick<OpenedLibrary, "config" | "setThreads"> {
  const set = library.find("MKL_Set_Num_Threads", "void", [INT]);
  const get = library.find("MKL_Get_Max_Threads", INT, []);
  const version = library.find("MKL_Get_Version_String", "void", [FLOATS, INT]);
  const text = new Uint8Array(200);
  version?.(text, text.length);
  return {
    config: String.fromCharCode(...text.subarray(0, Math.max(0, text.indexOf(0)))).trim() || "MKL",
    setThreads(threads) {
      if (set === undefined || get === undefined) return 1;
      set(threads);
      return Number(get());
    },
  };
}
