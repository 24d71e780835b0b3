import { createHash } from "node:crypto";
import { basename, join, relative, resolve } from "node:path";
import type {
  ExecuteOptions,
  Plan,
  PlanObserver,
  PlanTracking,
  Recipe,
  RunPorts,
  StepRecord,
} from "@isthmus/core";
import { execute, flattenParams, IsthmusError, joinObservers, results, trackPlan } from "@isthmus/core";
import { systemClock as clock, Journal, keepFile, makeFolder, randomIds } from "@isthmus/core/node";
import type { Context } from "../context.js";
import { EXIT, Failure } from "../failure.js";
import type { PlanProgress } from "../progress/plan-progress.js";
import { openProject, type Project } from "../project.js";
import { documentRow, type ResultsDocument } from "../results/document.js";
import { stepFigures } from "../results/step-figures.js";
import { writeResults } from "../results/write-results.js";
import { loadRecipe, type RecipeRequest } from "./load-recipe.js";
import { openPorts, openWorkers, type ParallelRequest } from "./open-ports.js";
import { attachResults, sendJournal } from "./run-tracking.js";

/** What is to be run, and with what. */
export interface RunRequest extends RecipeRequest, ParallelRequest {
  /** Folder of the results; `results/<recipe and choices>` in the project where it is not given. */
  readonly out: string | undefined;
  readonly trackingUri: string | undefined;
}

/** What running may use, and whom it tells. */
export interface RunContext extends Pick<Context, "cwd" | "env"> {
  readonly progress: PlanProgress;
  readonly signal: AbortSignal;
}

/** What a run came to. */
export interface RunOutcome {
  readonly document: ResultsDocument;
  readonly steps: { readonly total: number; readonly computed: number; readonly reused: number };
  /** Folder of the results. */
  readonly folder: string;
}

/** Makes the folder of the results before anything is computed, so that a wrong one costs no time. */
function makeOutput(folder: string): string {
  try {
    makeFolder(folder);
    return folder;
  } catch (cause) {
    throw new IsthmusError({
      code: "cli/out-unwritable",
      message: `The folder of the results cannot be made: ${(cause as Error).message}.`,
      hint: "Choose another one with --out.",
      cause,
    });
  }
}

/**
 * The recipe, the blocks picked of its choices, and a few digits for other settings: `table1-mnist-seed-MLPNet`, `quickstart-1f0c`.
 * Results of one never replace another's.
 */
function labelOf({ name, choices }: Recipe, settings: readonly string[]): string {
  const digits = createHash("sha256").update(settings.join("\n")).digest("hex").slice(0, 4);
  return [name, ...Object.values(choices), ...(settings.length === 0 ? [] : [digits])].join("-");
}

/** What was set on the command line besides picking blocks of choices. */
function settingsOf({ choices }: Recipe, sets: readonly string[]): readonly string[] {
  return sets.filter((each) => !Object.hasOwn(choices, each.slice(0, each.indexOf("=")).trim()));
}

async function startTracking(
  recipe: Recipe,
  label: string,
  file: string,
  { root, kept }: Project,
  { store, engine, environment }: RunPorts,
): Promise<{ readonly journal: Journal; readonly tracking: PlanTracking }> {
  const journal = new Journal(kept, { clock, ids: randomIds });
  const copy = await keepFile(kept, basename(file), recipe.text);
  const tracking = trackPlan({
    tracker: journal,
    clock,
    ids: randomIds,
    store,
    experiment: recipe.name,
    recipe: { name: label, file: copy, params: flattenParams(recipe.body) },
    source: relative(root, file),
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
    const records = await execute(plan, ports, {
      ...options,
      observer: joinObservers(...observers, counter),
    });
    return { records, computed };
  } catch (error) {
    throw started > 0 ? new Failure(error, EXIT.failed) : error;
  }
}

/**
 * Runs a recipe: checks and plans it, executes what has no finished record, writes the results. Every run goes to the project's
 * journal, and from there to the tracking server where there is one; a server that does not answer changes nothing.
 */
export async function runRecipe(
  request: RunRequest,
  { cwd, env, progress, signal }: RunContext,
): Promise<RunOutcome> {
  const project = await openProject(cwd);
  const remark = (message: string) => progress.remark(message);
  const ports = await openPorts(project, request, { signal, remark });
  const { engine, store } = ports;
  const recipe = await loadRecipe(request, cwd, ports.host);
  const plan = await recipe.plan();
  const settings = settingsOf(recipe, request.sets);
  const label = labelOf(recipe, settings);
  const folder = makeOutput(resolve(cwd, request.out ?? join(project.root, "results", label)));
  remark(`Backend ${engine.backend}: ${engine.reason}.`);

  const runner = openWorkers(project, request, ports, remark);
  const { journal, tracking } = await startTracking(
    recipe,
    label,
    resolve(cwd, request.file),
    project,
    ports,
  );
  const sender = sendJournal(journal, request.trackingUri, env, remark);
  try {
    const { records, computed } = await executeCounting(plan, ports, { signal, runner }, [
      progress,
      tracking,
    ]);
    progress.end();
    const { name, seeds, choices } = recipe;
    const rows = results(plan, records).map(documentRow);
    const document = { recipe: name, seeds, choices, settings, backend: engine.backend, rows };
    const figures = await stepFigures(records, store);
    const files = await writeResults({ folder, document, figures, warn: remark });
    await attachResults(tracking, project.kept, files);
    await tracking.finish();
    const total = plan.steps.length;
    return { document, steps: { total, computed, reused: total - computed }, folder };
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
