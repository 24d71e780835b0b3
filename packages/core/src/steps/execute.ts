import type { Plan } from "../contracts/experiment.js";
import { throwIfAborted } from "../errors/isthmus-error.js";
import { executeSchedule } from "./execute-schedule.js";
import { inProcessRunner } from "./in-process-runner.js";
import { type KeyedStep, planKeys } from "./plan-keys.js";
import type { PlanObserver } from "./plan-observer.js";
import type { RunPorts } from "./ports.js";
import type { StepRecord } from "./record.js";
import { Schedule } from "./schedule.js";
import type { StepRunner } from "./step-runner.js";

/** How a plan is executed. */
export interface ExecuteOptions {
  readonly signal?: AbortSignal;
  readonly observer?: PlanObserver;
  /** Computes the steps; by default this process, one after another. Not used where there is one step to compute or none. */
  readonly runner?: StepRunner;
}

/** Records that exist already, by step id. */
async function finishedSteps(
  steps: ReadonlyMap<string, KeyedStep>,
  { store }: RunPorts,
): Promise<ReadonlyMap<string, StepRecord>> {
  const records = new Map<string, StepRecord>();
  for (const [id, { key }] of steps) {
    const record = await store.find(key);
    if (record !== undefined) records.set(id, record);
  }
  return records;
}

/**
 * Executes a plan: computes every step that has no finished record, and returns all records by step id. Running it again
 * computes nothing; running it after a crash goes on where the crash was. Steps are computed once everything they read is
 * finished: in the plan's order, or several at a time with a runner that can. Finished steps are read only where a step that
 * is computed needs them, and held in memory only as long.
 *
 * A step that throws ends the execution: no other is begun, those under way are stopped after saving their state, and the error
 * is thrown. A step whose worker process died twice fails alone: what does not depend on it is still computed before its error
 * is thrown. Of several errors, the one of the first step in the plan's order is thrown.
 *
 * @throws what a step threw, with its id in the message and its code kept (`step/failed` for foreign errors);
 * `step/worker-died`; `run/aborted` where the signal ended it; `plan/invalid`, `store/…`.
 */
export async function execute(
  plan: Plan,
  ports: RunPorts,
  { signal = new AbortController().signal, observer = {}, runner }: ExecuteOptions = {},
): Promise<ReadonlyMap<string, StepRecord>> {
  try {
    throwIfAborted(signal);
    const steps = await planKeys(plan, ports);
    const records = new Map(await finishedSteps(steps, ports));
    observer.planned?.(plan, steps, new Map(records));
    for (const [id, record] of records) {
      await observer.stepFinished?.(steps.get(id) as KeyedStep, record, true);
    }
    const parallel = runner !== undefined && runner.width > 1;
    const schedule = new Schedule(steps, records, parallel);
    const computing = runner !== undefined && schedule.size > 1 ? runner : inProcessRunner(ports);
    const execution = { steps, schedule, records, runner: computing, store: ports.store, observer, signal };
    await executeSchedule(execution);
    return new Map([...steps.keys()].map((id) => [id, records.get(id) as StepRecord]));
  } catch (error) {
    await observer.failed?.(error);
    throw error;
  }
}
