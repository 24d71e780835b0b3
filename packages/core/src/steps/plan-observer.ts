import type { Plan } from "../contracts/experiment.js";
import type { MetricPoint } from "../contracts/tracker.js";
import type { KeyedStep } from "./plan-keys.js";
import type { StepRecord } from "./record.js";

/**
 * Follows a plan while it is executed. For every step that is computed: `stepStarted`, any number of `progress` and
 * `metrics`, `stepFinished`; a step that has a record already only gets `stepFinished` with `reused`. Several steps may be
 * under way at the same time. Handlers must not throw.
 */
export interface PlanObserver {
  /** Once, before anything is computed: the keys, and the records that exist already, both by step id. */
  planned?(plan: Plan, steps: ReadonlyMap<string, KeyedStep>, reused: ReadonlyMap<string, StepRecord>): void;
  stepStarted?(step: KeyedStep): void;
  progress?(step: KeyedStep, done: number, total: number | undefined, unit: string): void;
  /** Numbers with the time at which they were made; also those that a resumed step recorded before the crash. */
  metrics?(step: KeyedStep, points: readonly MetricPoint[]): void;
  /** What computed a step broke down (`reason`); it was begun once more from its last saved state. No number is told twice. */
  stepRetried?(step: KeyedStep, reason: string): void;
  /** A step failed while others go on; the execution ends with its error, or that of an earlier step, when they are done. */
  stepFailed?(step: KeyedStep, error: unknown): void;
  /** Execution waits for what this returns. */
  stepFinished?(step: KeyedStep, record: StepRecord, reused: boolean): void | Promise<void>;
  /** Execution ends with this error; its code is `run/aborted` where the signal ended it. Execution waits for what this returns. */
  failed?(error: unknown): void | Promise<void>;
}

/** One observer that passes everything on to several, in order. */
export function joinObservers(...observers: readonly PlanObserver[]): PlanObserver {
  return {
    planned: (...event) => {
      for (const each of observers) each.planned?.(...event);
    },
    stepStarted: (...event) => {
      for (const each of observers) each.stepStarted?.(...event);
    },
    progress: (...event) => {
      for (const each of observers) each.progress?.(...event);
    },
    metrics: (...event) => {
      for (const each of observers) each.metrics?.(...event);
    },
    stepRetried: (...event) => {
      for (const each of observers) each.stepRetried?.(...event);
    },
    stepFailed: (...event) => {
      for (const each of observers) each.stepFailed?.(...event);
    },
    stepFinished: async (...event) => {
      for (const each of observers) await each.stepFinished?.(...event);
    },
    failed: async (...event) => {
      for (const each of observers) await each.failed?.(...event);
    },
  };
}
