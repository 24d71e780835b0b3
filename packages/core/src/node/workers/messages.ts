import type { MetricPoint } from "../../contracts/tracker.js";
import type { KeyedStep } from "../../steps/plan-keys.js";
import type { EngineIdentity, Environment, StepRecord } from "../../steps/record.js";
import type { WireError } from "./wire-error.js";

/** What a worker process needs to compute the steps of a run as the process that started it would. */
export interface WorkerSetup {
  /** Folder of the project, whose plugins are used. */
  readonly project: string;
  /** Folder of the project's store, usually `.isthmus`. */
  readonly kept: string;
  readonly data: { readonly dataDir?: string | undefined; readonly cacheDir: string };
  /** The backend by its own name, and threads per step. */
  readonly engine: EngineIdentity;
  readonly environment: Environment;
}

/** What a worker is told. `setup` comes first; one step is computed at a time. */
export type ToWorker =
  | { readonly type: "setup"; readonly setup: WorkerSetup }
  | {
      readonly type: "run";
      readonly step: KeyedStep;
      readonly inputs: Readonly<Record<string, readonly StepRecord[]>>;
    }
  | { readonly type: "abort" }
  | { readonly type: "release"; readonly key: string };

/** What a worker tells: any number of `progress` and `metrics`, then `finished` or `failed`. */
export type FromWorker =
  | {
      readonly type: "progress";
      readonly done: number;
      readonly total: number | undefined;
      readonly unit: string;
    }
  | { readonly type: "metrics"; readonly points: readonly MetricPoint[] }
  | { readonly type: "finished"; readonly record: StepRecord }
  | { readonly type: "failed"; readonly error: WireError };
