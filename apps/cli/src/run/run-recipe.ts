import { basename, join, relative, resolve } from "node:path";
import type { KeyedStep, PlanObserver, RunPorts, StepRecord } from "@isthmus/core";
import { execute, hostDatasets, joinObservers, results, trackPlan, useBackend } from "@isthmus/core";
import {
  FileCodeDigest,
  FileStore,
  Journal,
  keepFile,
  openHost,
  randomIds,
  systemClock,
} from "@isthmus/core/node";
import type { Context } from "../context.js";
import { EXIT, Failure } from "../failure.js";
import type { Interruption } from "../interruption.js";
import type { PlanProgress } from "../progress/plan-progress.js";
import { type DataPlaces, dataFiles, describeEnvironment, openProject } from "../project.js";
import { documentRow, type ResultsDocument } from "../results/document.js";
import { fileName } from "../results/figures.js";
import { stepFigures } from "../results/step-figures.js";
import { writeResults } from "../results/write-results.js";
import { loadRecipe, type RecipeRequest } from "./load-recipe.js";
import { attachResults, sendJournal } from "./run-tracking.js";

/** What is to be run, and with what. */
export interface RunRequest extends RecipeRequest {
  readonly data: DataPlaces;
  /** Folder of the results; `results/<name of the recipe>` in the project where it is not given. */
  readonly out: string | undefined;
  readonly trackingUri: string | undefined;
  readonly backend: string;
}

/** What a run came to. */
export interface RunOutcome {
  readonly document: ResultsDocument;
  readonly steps: { readonly total: number; readonly computed: number; readonly reused: number };
  /** Folder of the results. */
  readonly folder: string;
}

/** Counts steps while a plan is executed. */
function stepCounter(): PlanObserver & { readonly started: number; readonly computed: number } {
  let [started, computed] = [0, 0];
  return {
    stepStarted: () => {
      started += 1;
    },
    stepFinished: (_step: KeyedStep, _record: StepRecord, reused: boolean) => {
      if (!reused) computed += 1;
    },
    get started() {
      return started;
    },
    get computed() {
      return computed;
    },
  };
}

/**
 * Runs a recipe: checks and plans it, executes what has no finished record, writes the results. Every run goes to the project's
 * journal, and from there to the tracking server where there is one; a server that does not answer changes nothing.
 */
export async function runRecipe(
  request: RunRequest,
  { cwd, env }: Context,
  progress: PlanProgress,
  interruption: Interruption,
): Promise<RunOutcome> {
  const { root, kept } = await openProject(cwd);
  const host = await openHost(root);
  const engine = await useBackend(request.backend);
  const recipe = await loadRecipe(request, host);
  progress.remark(`Backend ${engine.backend}: ${engine.reason}.`);

  const { signal } = interruption;
  const clock = systemClock;
  const environment = await describeEnvironment(root);
  const store = new FileStore(kept);
  const datasets = hostDatasets(host, { files: dataFiles(request.data), signal });
  const code = new FileCodeDigest(host);
  const ports: RunPorts = { host, code, datasets, engine, store, clock, environment };

  const journal = new Journal(kept, { clock, ids: randomIds });
  const tracking = trackPlan({
    tracker: journal,
    clock,
    ids: randomIds,
    store,
    experiment: recipe.name,
    recipe: {
      name: recipe.name,
      file: await keepFile(kept, basename(request.file), recipe.text),
      params: recipe.params,
    },
    source: relative(root, request.file),
    choices: recipe.choices,
    environment,
    engine,
  });
  const sender = sendJournal(journal, request.trackingUri, env, (message) => progress.remark(message));
  const counter = stepCounter();
  try {
    const observer = joinObservers(progress, tracking, counter);
    const records = await execute(recipe.plan, ports, { signal, observer }).catch((error: unknown) => {
      throw counter.started > 0 ? new Failure(error, EXIT.failed) : error;
    });
    progress.end();
    const document: ResultsDocument = {
      recipe: recipe.name,
      seeds: recipe.seeds,
      choices: recipe.choices,
      backend: engine.backend,
      rows: results(recipe.plan, records).map(documentRow),
    };
    const folder = resolve(cwd, request.out ?? join(root, "results", fileName(recipe.name)));
    const files = await writeResults({
      folder,
      document,
      figures: await stepFigures(records, store),
      warn: (message) => progress.remark(message),
    });
    await attachResults(tracking, kept, files);
    await tracking.finish();
    const { computed } = counter;
    const total = recipe.plan.steps.length;
    return { document, steps: { total, computed, reused: total - computed }, folder };
  } finally {
    progress.end();
    journal.close();
    for (const line of (await sender?.close()) ?? []) progress.remark(line);
  }
}
