/** An engine that `isthmus engine install` can get: a native library, with what it takes to call it. */
export type InstallableEngine = "blas" | "node" | "gpu";

/** What lies in an engine's folder, as its `engine.json` says; the file is written last, so a folder that has it is whole. */
export interface EngineManifest {
  readonly format: 1;
  readonly engine: InstallableEngine;
  /** Version of the native library. */
  readonly version: string;
  /** What it runs on, as {@link InstalledEngines.platform} names it. */
  readonly platform: string;
  /** What is loaded: a library, or the main file of a package; relative to the folder, with `/`. */
  readonly entry: string;
  /** Files that must be there, each with its size in bytes, and the SHA-256 of those that were compiled or checked. */
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256?: string }[];
}

/** An engine that is installed. */
export interface InstalledEngine {
  /** Absolute path of its folder. */
  readonly folder: string;
  /** Absolute path of what is loaded. */
  readonly entry: string;
  readonly manifest: EngineManifest;
}

/** What is known of installed engines where this runs; a browser has none. */
export interface InstalledEngines {
  /** Whether `isthmus engine install` can help here. */
  readonly installable: boolean;
  /** The installed engine of that name that fits this machine, the newest of several. */
  find(name: InstallableEngine): Promise<InstalledEngine | undefined>;
  /** Makes an absolute path something to import. */
  specifier(path: string): string;
  /** Whether an NVIDIA driver is loaded; without one a library for GPUs need not be tried. */
  hasNvidiaDriver(): boolean;
}
