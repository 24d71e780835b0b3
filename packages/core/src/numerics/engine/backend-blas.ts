import { installedEngines } from "#installed";
import type { ActiveBackend } from "./backends.js";
import { registerReluGradient } from "./relu-gradient.js";
import { tf } from "./tf.js";

/** What `registerBlasBackend` of `@isthmus/tfjs-backend-blas` gives; see there. */
interface BlasLibrary {
  readonly name: string;
  readonly path: string;
  readonly config: string;
  readonly threads: number;
}

interface BlasPackage {
  registerBlasBackend(options: {
    readonly paths: readonly string[];
    readonly threads: number;
  }): Promise<BlasLibrary>;
}

interface Process {
  readonly env: Readonly<Record<string, string | undefined>>;
  getBuiltinModule?(name: "os"): { release(): string } | undefined;
}

/** Name and version out of what a library says of itself. */
function nameAndVersion({ name, config }: BlasLibrary): string {
  const version = /\d+(\.\d+)+[\w.-]*/.exec(config)?.[0];
  switch (name) {
    case "openblas":
      return `OpenBLAS ${version ?? "of unknown version"}`;
    case "mkl":
      return `MKL ${version ?? "of unknown version"}`;
    case "accelerate": {
      // It is a part of the system and has no version of its own.
      const system = (globalThis as { process?: Process }).process?.getBuiltinModule?.("os")?.release();
      return `Accelerate of Darwin ${system ?? "of unknown version"}`;
    }
    default:
      return "a BLAS without a name";
  }
}

/** A library named in `BLAS_LIBRARY` goes before the installed one; the package itself looks at the rest of the machine. */
async function pathsToTry(): Promise<readonly string[]> {
  const { env } = (globalThis as { process?: Process }).process ?? {};
  if (env?.BLAS_LIBRARY) return [];
  const installed = await installedEngines.find("blas");
  return installed === undefined ? [] : [installed.entry];
}

/**
 * Makes the machine's BLAS the active backend: what `isthmus engine install blas` got, else what the machine has.
 * A BLAS that is neither OpenBLAS nor MKL nor Accelerate is nearly always the reference one, slower than WebAssembly.
 */
export async function activateBlas(threads: number): Promise<ActiveBackend> {
  const name: string = "@isthmus/tfjs-backend-blas"; // not a literal, so that bundlers leave this import alone
  const { registerBlasBackend } = (await import(/* @vite-ignore */ name)) as BlasPackage;
  const found = await registerBlasBackend({ paths: await pathsToTry(), threads }).catch((cause) => {
    if ((cause as { code?: string }).code !== "blas/not-found") throw cause;
    throw new Error("no BLAS library found", { cause });
  });
  if (!(await tf.setBackend("blas")))
    throw new Error("the BLAS library loaded, but its backend did not start");
  registerReluGradient();
  return {
    threads: found.threads,
    library: nameAndVersion(found),
    details: `${found.path} (${found.config})`,
    ...(found.name === "blas" && { slow: "only a plain BLAS is here, slower than WebAssembly" }),
  };
}
