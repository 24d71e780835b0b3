import type { Json, JsonObject } from "../contracts/json.js";
import type { MetricPoint } from "../contracts/tracker.js";

/** What computes, as far as it can change the bits of a result. `engine()` gives it. */
export interface EngineIdentity {
  readonly backend: string;
  /** Threads per step. */
  readonly threads: number;
  /** Library and version. */
  readonly version: string;
}

/** Where a step was computed; for people, never part of a key. */
export interface Environment {
  /** E.g. `linux x64`, or a browser's name. */
  readonly platform: string;
  /** Version of Node, where it ran there. */
  readonly node?: string;
  /** Git commit of the project, 40 hexadecimal digits, where it is under git. */
  readonly commit?: string;
}

/** How a record came to be. */
export interface Provenance {
  readonly environment: Environment;
  readonly engine: EngineIdentity;
  /** Versions of the packages whose contributions were used, by package name. */
  readonly plugins: Readonly<Record<string, string>>;
  /** Milliseconds since 1970; of the last start, where the step was resumed. */
  readonly startedAt: number;
  readonly finishedAt: number;
  /** From last start to finish. */
  readonly seconds: number;
}

/** A file of a finished step. */
export interface StepArtifact {
  /** Relative to the step's folder, with `/`, e.g. `network.safetensors`. */
  readonly path: string;
  /** Size in bytes. */
  readonly bytes: number;
  readonly sha256: string;
}

/** What a finished step left behind, and how. A step without a record is not finished. */
export interface StepRecord {
  readonly format: 1;
  /** SHA-256 of the canonical JSON of `description`. */
  readonly key: string;
  readonly kind: string;
  /** Everything the key stands for: options, parents' keys, data, engine, code. No name that only a plan gives. */
  readonly description: JsonObject;
  readonly summary: Readonly<Record<string, number>>;
  readonly details?: Json;
  /** Every number that was recorded while it ran, in order. */
  readonly metrics: readonly MetricPoint[];
  readonly artifacts: readonly StepArtifact[];
  readonly provenance: Provenance;
}

/** A record before its outputs are stored. */
export type RecordDraft = Omit<StepRecord, "format" | "summary" | "details" | "artifacts">;
