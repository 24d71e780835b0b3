import type { Plan } from "../contracts/experiment.js";
import type { StepOutputs } from "../contracts/step.js";
import { IsthmusError, isIsthmusError, throwIfAborted } from "../errors/isthmus-error.js";
import { modelBuilder } from "./model-builder.js";
import { OutputCache } from "./output-cache.js";
import { type KeyedStep, planKeys } from "./plan-keys.js";
import type { PlanObserver } from "./plan-observer.js";
import type { RunPorts } from "./ports.js";
import type { StepRecord } from "./record.js";
import { runStep } from "./run-step.js";

/** How a plan is executed. */
export interface ExecuteOptions {
  readonly signal?: AbortSignal;
  readonly observer?: PlanObserver;
}

/** What went wrong in a step, with the step's id in the message and the code of the cause. */
function stepError(step: KeyedStep, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) {
    try {
      throwIfAborted(signal);
    } catch (aborted) {
      return aborted;
    }
  }
  const message = error instanceof Error ? error.message : String(error);
  const known = isIsthmusError(error) ? error : undefined;
  return new IsthmusError({
    code: known?.code ?? "step/failed",
    message: `Step "${step.id}" (${step.kind}) failed: ${message}`,
    hint:
      known?.hint ??
      "Nothing is lost: start the same command again once the cause is removed; finished steps are kept.",
    cause: error,
  });
}

/** Records that exist already, by step id. */
async function finishedSteps(
  steps: ReadonlyMap<string, KeyedStep>,
  ports: RunPorts,
): Promise<ReadonlyMap<string, StepRecord>> {
  const records = new Map<string, StepRecord>();
  for (const [id, { key }] of steps) {
    const record = await ports.store.find(key);
    if (record !== undefined) records.set(id, record);
  }
  return records;
}

/**
 * Executes a plan: runs, in order, every step that has no finished record, and returns all records by step id. Running it
 * again computes nothing; running it after a crash goes on where the crash was. Finished steps are read only where a step
 * that runs needs them, and held in memory only as long.
 *
 * @throws what a step threw, with its id in the message and its code kept (`step/failed` for foreign errors);
 * `run/aborted` where the signal ended it; `plan/invalid`, `store/…`.
 */
export async function execute(
  plan: Plan,
  ports: RunPorts,
  { signal = new AbortController().signal, observer }: ExecuteOptions = {},
): Promise<ReadonlyMap<string, StepRecord>> {
  const { store, host } = ports;
  try {
    throwIfAborted(signal);
    const steps = await planKeys(plan, ports);
    const records = new Map(await finishedSteps(steps, ports));
    observer?.planned?.(plan, steps, new Map(records));

    const buildModel = modelBuilder(host);
    const load = (step: KeyedStep): Promise<StepOutputs> =>
      store.outputs(records.get(step.id) as StepRecord, buildModel);
    const waiting = new Set([...steps.values()].filter(({ id }) => !records.has(id)));
    const cache = new OutputCache(steps, waiting, load);

    for (const step of steps.values()) {
      throwIfAborted(signal);
      let record = records.get(step.id) ?? (await store.find(step.key));
      const reused = record !== undefined;
      if (record === undefined) {
        observer?.stepStarted?.(step);
        try {
          const run = await runStep(step, await cache.inputs(step), ports, signal, observer);
          cache.keep(step, run.outputs);
          record = run.record;
        } catch (error) {
          throw stepError(step, error, signal);
        }
      }
      records.set(step.id, record);
      if (waiting.has(step)) cache.release(step);
      await observer?.stepFinished?.(step, record, reused);
    }
    return new Map([...steps.keys()].map((id) => [id, records.get(id) as StepRecord]));
  } catch (error) {
    await observer?.failed?.(error);
    throw error;
  }
}
