import type { MetricPoint } from "../contracts/tracker.js";
import type { KeyedStep } from "./plan-keys.js";
import type { StepRecord } from "./record.js";

/** What a step tells while it is computed. */
export interface StepEvents {
  progress(done: number, total: number | undefined, unit: string): void;
  /** Numbers with the time at which they were made; also those that a resumed step recorded before the crash. */
  metrics(points: readonly MetricPoint[]): void;
  /** What computed the step broke down (`reason`), and it was begun once more from its last saved state. */
  retried(reason: string): void;
}

/** A step to compute. */
export interface StepJob {
  readonly step: KeyedStep;
  /** Records of the steps that it reads, by input name, in order. */
  readonly inputs: Readonly<Record<string, readonly StepRecord[]>>;
  readonly events: StepEvents;
  readonly signal: AbortSignal;
}

/** Code of the error of a step whose worker died, and died again when it was retried. It says nothing about other steps. */
export const WORKER_DIED = "step/worker-died";

/** Computes steps: in this process, or in others. Which of them computes a step changes no bit of the result. */
export interface StepRunner {
  /** Most steps that it computes at the same time. */
  readonly width: number;
  /**
   * Computes one step and stores its outputs and record.
   *
   * @throws what the step threw; {@link WORKER_DIED} where the process that computed it died twice
   */
  run(job: StepJob): Promise<StepRecord>;
  /** No step to come reads the outputs of this one: they need not be held in memory. */
  release(key: string): void;
}
