/** `deleted` things stay readable and can be restored. */
export type LifecycleStage = "active" | "deleted";

/** Which things a search returns. */
export type ViewType = "ACTIVE_ONLY" | "DELETED_ONLY" | "ALL";

/** A named collection of runs. */
export interface Experiment {
  readonly experimentId: string;
  readonly name: string;
  /** Where new runs keep their artifacts. */
  readonly artifactLocation: string;
  readonly lifecycleStage: LifecycleStage;
  /** Milliseconds since 1970. */
  readonly creationTime: number | undefined;
  /** Milliseconds since 1970. */
  readonly lastUpdateTime: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** Where a run stands. */
export type RunStatus = "RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED";

/** A stored metric value. */
export interface Metric {
  readonly key: string;
  /** NaN comes back as NaN; the infinities come back from SQL stores as ±`Number.MAX_VALUE`. */
  readonly value: number;
  readonly step: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

/** A data set that a run used. */
export interface Dataset {
  readonly name: string;
  /** Fingerprint of the content, at most 36 characters. */
  readonly digest: string;
  /** For example `local`, `http`, `hugging_face`, `code`. */
  readonly sourceType: string;
  /** JSON text, for example `{"uri":"data/x.csv"}`. */
  readonly source: string;
  /** JSON text. */
  readonly schema: string | undefined;
  /** JSON text, for example `{"num_rows":60000}`. */
  readonly profile: string | undefined;
  /** Tags of the use, among them `mlflow.data.context` (`training`, …). */
  readonly tags: Readonly<Record<string, string>>;
}

/** One run with what was logged to it. */
export interface Run {
  readonly runId: string;
  readonly experimentId: string;
  readonly name: string;
  readonly status: RunStatus;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  /** Milliseconds since 1970; absent while the run goes on. */
  readonly endTime: number | undefined;
  readonly user: string;
  /** Root of the run's artifacts. */
  readonly artifactUri: string;
  readonly lifecycleStage: LifecycleStage;
  /** The latest value of each metric: the one with the highest step, then time, then value. */
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly datasets: readonly Dataset[];
}

/** What a tracking server says about itself. Fields that an older server does not send are absent. */
export interface ServerInfo {
  /** `SqlStore` or `FileStore`. */
  readonly storeType: string | undefined;
  readonly workspacesEnabled: boolean | undefined;
  readonly multipartUploadsEnabled: boolean | undefined;
  /** The whole answer, with the server's own field names. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** A file or folder among a run's artifacts. */
export interface ArtifactInfo {
  /** Path from the run's artifact root, with `/`. */
  readonly path: string;
  readonly isDirectory: boolean;
  /** Bytes; 0 for folders. */
  readonly size: number;
}
