import { BlasError } from "../error.js";
import type { NativeLoader } from "./native.js";
import { type BlasName, type OpenedLibrary, openLibrary, Refusal } from "./open.js";
import { placesToLook, type Surroundings, thisMachine } from "./places.js";

/** What was found. */
export interface BlasLibrary {
  /** Which implementation it is; `"blas"` stands for any other, the reference one for instance. */
  readonly name: BlasName;
  /** Its file, or the name under which the system found it. */
  readonly path: string;
  /** What the library says of itself: version, build options, processor. */
  readonly config: string;
  /** How many threads it uses. */
  readonly threads: number;
  /** Where it was found: `"given path"`, `"BLAS_LIBRARY"`, `"system"`, `"conda"`, `"MKL"` or `"python wheel …"`. */
  readonly foundIn: string;
}

/** A library ready to be called. */
export interface FoundLibrary extends BlasLibrary, Pick<OpenedLibrary, "blas" | "setThreads"> {}

/** Where to look. */
export interface FindOptions {
  /** Files or folders to look in first; a folder is searched for known names, not its subfolders. */
  readonly paths?: readonly string[];
}

/**
 * Finds a BLAS library on this machine and loads it, with one thread.
 *
 * Tried in this order: `paths`; the variable `BLAS_LIBRARY` (a file or folder); macOS's Accelerate; the active
 * conda environment; MKL; the system's OpenBLAS; OpenBLAS inside Python packages (`scipy-openblas32`, SciPy);
 * a plain BLAS. A library whose integers have 64 bits is never used.
 *
 * @throws BlasError `blas/not-found`, with every place that was tried and why it was refused
 */
export function findBlas(options: FindOptions = {}): FoundLibrary {
  return findBlasOn(thisMachine(), options.paths ?? []);
}

/** {@link findBlas} on a machine, and with a loader, that tests can make up. */
export function findBlasOn(
  machine: Surroundings,
  paths: readonly string[],
  load?: NativeLoader,
): FoundLibrary {
  const refused = new Map<string, string>();
  for (const { foundIn, files } of placesToLook(paths, machine)) {
    for (const path of files) {
      if (refused.has(path)) continue;
      try {
        const opened = openLibrary(path, load);
        return { ...opened, foundIn, threads: opened.setThreads(1) };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        refused.set(path, `${path} (${foundIn}): ${error.message}`);
      }
    }
  }
  throw new BlasError(
    "blas/not-found",
    `No usable BLAS library was found. Tried:\n${[...refused.values()].map((line) => `- ${line}`).join("\n")}`,
    "Install OpenBLAS (Debian: apt install libopenblas0; conda: conda install openblas; pip: scipy-openblas32) " +
      "or set BLAS_LIBRARY to the library's file.",
  );
}
