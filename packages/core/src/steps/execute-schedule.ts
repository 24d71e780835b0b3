import { isIsthmusError, throwIfAborted } from "../errors/isthmus-error.js";
import type { KeyedStep } from "./plan-keys.js";
import type { PlanObserver } from "./plan-observer.js";
import type { StepStore } from "./ports.js";
import type { StepRecord } from "./record.js";
import type { Schedule, Unit } from "./schedule.js";
import { stepError } from "./step-error.js";
import { type StepRunner, WORKER_DIED } from "./step-runner.js";

/** A plan under way. */
export interface Execution {
  /** All steps, by id. */
  readonly steps: ReadonlyMap<string, KeyedStep>;
  /** What is to be computed. */
  readonly schedule: Schedule;
  /** Records by step id; those of computed steps are added. */
  readonly records: Map<string, StepRecord>;
  readonly runner: StepRunner;
  readonly store: Pick<StepStore, "find">;
  readonly observer: PlanObserver;
  readonly signal: AbortSignal;
}

const codeOf = (error: unknown): string | undefined => (isIsthmusError(error) ? error.code : undefined);

/** Records of what a step reads, by input name. */
function inputsOf(step: KeyedStep, records: ReadonlyMap<string, StepRecord>) {
  const read = (ids: readonly string[]) => ids.map((id) => records.get(id) as StepRecord);
  return Object.fromEntries(Object.entries(step.inputs).map(([name, ids]) => [name, read(ids)]));
}

async function computeStep(
  step: KeyedStep,
  { records, runner, observer, signal }: Execution,
  stop: AbortSignal,
): Promise<StepRecord> {
  observer.stepStarted?.(step);
  const events = {
    progress: (done: number, total: number | undefined, unit: string) =>
      observer.progress?.(step, done, total, unit),
    metrics: (points: StepRecord["metrics"]) => observer.metrics?.(step, points),
    retried: (reason: string) => observer.stepRetried?.(step, reason),
  };
  try {
    return await runner.run({ step, inputs: inputsOf(step, records), events, signal: stop });
  } catch (error) {
    throw stepError(step, error, signal);
  }
}

/** Computes a unit, unless someone else has finished it meanwhile, and tells of all its steps. */
async function computeUnit(
  { key, step, steps }: Unit,
  execution: Execution,
  stop: AbortSignal,
): Promise<void> {
  const { records, store, schedule, runner, observer } = execution;
  const found = await store.find(key);
  const record = found ?? (await computeStep(step, execution, stop));
  for (const each of steps) {
    records.set(each.id, record);
    await observer.stepFinished?.(each, record, found !== undefined || each !== step);
  }
  for (const unneeded of schedule.finish(key)) runner.release(unneeded);
}

/**
 * Computes what a schedule holds, as many units at a time as the runner takes.
 *
 * @throws `run/aborted`, or the error of the first step in the plan's order that failed
 */
export async function executeSchedule(execution: Execution): Promise<void> {
  const { schedule, runner, observer, signal } = execution;
  const failed = new AbortController();
  const stopped = () => signal.aborted || failed.signal.aborted;
  const failures: { readonly order: number; readonly error: unknown }[] = [];
  const running = new Set<Promise<void>>();

  const compute = async (unit: Unit): Promise<void> => {
    try {
      // A signal of each step's own: many listeners on a single one are taken for a leak.
      await computeUnit(unit, execution, AbortSignal.any([signal, failed.signal]));
    } catch (error) {
      if (stopped() && codeOf(error) === "run/aborted") return;
      failures.push({ order: unit.order, error });
      if (codeOf(error) !== WORKER_DIED) return failed.abort(error);
      observer.stepFailed?.(unit.step, error);
      for (const unneeded of schedule.drop(unit.key)) runner.release(unneeded);
    }
  };
  for (;;) {
    while (!stopped() && running.size < runner.width) {
      const unit = schedule.take();
      if (unit === undefined) break;
      const work = compute(unit).finally(() => running.delete(work));
      running.add(work);
    }
    if (running.size === 0) break;
    await Promise.race(running);
  }
  if (schedule.size > 0) throwIfAborted(signal);
  const [first] = failures.sort((x, y) => x.order - y.order);
  if (first !== undefined) throw first.error;
}
