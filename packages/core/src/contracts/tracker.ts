import type { JsonObject } from "./json.js";

/** A number at a step and a time (milliseconds since 1970). */
export interface MetricPoint {
  readonly key: string;
  readonly value: number;
  readonly step: number;
  readonly timestamp: number;
}

/** The data a run was made with. */
export interface DatasetInput {
  readonly name: string;
  /** At most 36 characters. */
  readonly digest: string;
  /** `training`, `evaluation`, … */
  readonly context: string;
  /** Where it came from, as JSON. */
  readonly source: JsonObject;
  readonly profile?: JsonObject;
}

/** A run that begins. */
export interface RunStart {
  /** Made by us; a tracking server's own id is never known here. */
  readonly uid: string;
  /** `uid` of the run it belongs to. */
  readonly parent?: string;
  /** Experiment under which a tracking server files the run. */
  readonly experiment: string;
  readonly name: string;
  readonly startTime: number;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly datasets: readonly DatasetInput[];
}

/** How a run ended. */
export type RunStatus = "FINISHED" | "FAILED" | "KILLED";

/** Where runs go. Calls return at once and never throw into the experiment; `flush` makes what was logged durable. */
export interface Tracker {
  startRun(run: RunStart): void;
  logMetrics(uid: string, points: readonly MetricPoint[]): void;
  logTags(uid: string, tags: Readonly<Record<string, string>>): void;
  /** `file` is a path on this machine that stays as it is, `path` the name within the run. */
  logArtifact(uid: string, file: string, path: string): void;
  endRun(uid: string, status: RunStatus, endTime: number): void;
  flush(): Promise<void>;
}
