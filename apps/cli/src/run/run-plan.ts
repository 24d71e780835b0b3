import type {
  EngineStatus,
  ExecuteOptions,
  Plan,
  PlanObserver,
  PlanTracking,
  Recipe,
  RunPorts,
  StepRecord,
} from "@isthmus/core";
import { execute, flattenParams, joinObservers, trackPlan } from "@isthmus/core";
import { systemClock as clock, Journal, keepFile, randomIds } from "@isthmus/core/node";
import type { Context } from "../context.js";
import { EXIT, Failure } from "../failure.js";
import type { PlanProgress } from "../progress/plan-progress.js";
import type { Project } from "../project.js";
import { openWorkers, type ParallelRequest } from "./open-ports.js";
import { sendJournal } from "./run-tracking.js";

/** What running may use, and whom it tells. */
export interface RunContext extends Pick<Context, "cwd" | "env"> {
  readonly progress: PlanProgress;
  readonly signal: AbortSignal;
}

/** How runs are tracked. */
export interface RunIdentity {
  /** Experiment under which a tracking server files the runs. */
  readonly experiment: string;
  /** Name of the parent run. */
  readonly label: string;
  /** The recipe as it is kept with the run. */
  readonly recipe: { readonly file: string; readonly text: string };
  /** What was started: a path, or a command. */
  readonly source: string;
}

/** A plan, and what it is run in. */
export interface PlannedRun {
  readonly project: Project;
  readonly ports: RunPorts & { readonly engine: EngineStatus };
  readonly plan: Plan;
  readonly request: ParallelRequest & { readonly trackingUri: string | undefined };
  readonly identity: RunIdentity;
  readonly recipe: Pick<Recipe, "body" | "choices">;
}

/** Steps of a run that is over. */
export interface StepCount {
  readonly total: number;
  readonly computed: number;
  readonly reused: number;
}

async function startTracking({ project, ports, identity, recipe }: PlannedRun) {
  const { store, engine, environment } = ports;
  const { experiment, label, source } = identity;
  const journal = new Journal(project.kept, { clock, ids: randomIds });
  const copy = await keepFile(project.kept, identity.recipe.file, identity.recipe.text);
  const tracking = trackPlan({
    tracker: journal,
    clock,
    ids: randomIds,
    store,
    experiment,
    recipe: { name: label, file: copy, params: flattenParams(recipe.body) },
    source,
    choices: recipe.choices,
    environment,
    engine,
  });
  return { journal, tracking };
}

/** Executes a plan and counts. A step that fails makes the command fail, whatever its error's code is. */
async function executeCounting(
  plan: Plan,
  ports: RunPorts,
  options: Omit<ExecuteOptions, "observer">,
  observers: readonly PlanObserver[],
): Promise<{ readonly records: ReadonlyMap<string, StepRecord>; readonly computed: number }> {
  let [started, computed] = [0, 0];
  const counter: PlanObserver = {
    stepStarted: () => {
      started += 1;
    },
    stepFinished: (_step, _record, reused) => {
      computed += reused ? 0 : 1;
    },
  };
  try {
    const observer = joinObservers(...observers, counter);
    return { records: await execute(plan, ports, { ...options, observer }), computed };
  } catch (error) {
    throw started > 0 ? new Failure(error, EXIT.failed) : error;
  }
}

/**
 * Executes what has no finished record of a plan, then concludes. Every run goes to the project's journal, and from there to the
 * tracking server where there is one; a server that does not answer changes nothing.
 *
 * @param conclude makes of the records, by step id, what the run is for; its files may still be added to the run
 */
export async function runPlan<Outcome>(
  run: PlannedRun,
  { env, progress, signal }: RunContext,
  conclude: (records: ReadonlyMap<string, StepRecord>, tracking: PlanTracking) => Promise<Outcome>,
): Promise<{ readonly outcome: Outcome; readonly steps: StepCount }> {
  const { project, ports, plan, request } = run;
  const remark = (message: string) => progress.remark(message);
  const { engine } = ports;
  remark(`Backend ${engine.backend}: ${engine.reason}.`);
  const runner = openWorkers(project, request, ports, remark);
  const { journal, tracking } = await startTracking(run);
  const sender = sendJournal(journal, request.trackingUri, env, remark);
  try {
    const { records, computed } = await executeCounting(plan, ports, { signal, runner }, [
      progress,
      tracking,
    ]);
    progress.end();
    const outcome = await conclude(records, tracking);
    await tracking.finish();
    const total = plan.steps.length;
    return { outcome, steps: { total, computed, reused: total - computed } };
  } catch (error) {
    await tracking.failed?.(error instanceof Failure ? error.error : error);
    throw error;
  } finally {
    await runner?.close();
    progress.end();
    journal.close();
    for (const line of (await sender?.close()) ?? []) progress.remark(line);
  }
}
