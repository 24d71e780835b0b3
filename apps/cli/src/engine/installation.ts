import type { InstallableEngine } from "@isthmus/core/node";
import type { InstallProgress } from "./install-progress.js";
import type { probeBackend } from "./probe-backend.js";
import type { ToolOptions } from "./run-tool.js";

/** Where an installation is built before it is moved to its place. */
export interface Stage {
  /** A cache that holds nothing but what is built. */
  readonly cache: string;
  /** The engine's folder in it. */
  readonly target: string;
  /** For what is not to stay. */
  readonly temp: string;
}

/** What an installation works with. */
export interface Work extends ToolOptions {
  readonly progress: InstallProgress;
  /** Tries a backend out; {@link probeBackend}, or another one in tests. */
  readonly probe: typeof probeBackend;
}

/** How an engine is got. */
export interface Installation {
  readonly engine: InstallableEngine;
  /** Name and version of the native library, e.g. `OpenBLAS 0.3.34.481.3`. */
  readonly library: string;
  readonly version: string;
  /** Bytes that are downloaded. */
  readonly downloads: number;
  /** Bytes of disk that are needed while it is installed. */
  readonly room: number;
  /** Makes sure that everything is there that is needed, before anything is downloaded; throws what is not. */
  check(work: ToolOptions): Promise<void>;
  /** What is going to be done, line by line: commands as a person would type them. */
  plan(target: string): readonly string[];
  /** Fills the stage, the manifest last. */
  build(stage: Stage, work: Work): Promise<void>;
}

/** A number of bytes for people. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e7 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
