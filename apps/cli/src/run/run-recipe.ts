import { createHash } from "node:crypto";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { Recipe } from "@isthmus/core";
import { results } from "@isthmus/core";
import { openProject } from "../project.js";
import { arrayFiles } from "../results/array-files.js";
import { documentRow, type ResultsDocument } from "../results/document.js";
import { stepFigures } from "../results/step-figures.js";
import { stepTables } from "../results/step-tables.js";
import { writeResults } from "../results/write-results.js";
import { loadRecipe, type RecipeRequest } from "./load-recipe.js";
import { makeOutput } from "./make-output.js";
import { networkImporter } from "./network-importer.js";
import { openPorts, type ParallelRequest } from "./open-ports.js";
import { type RunContext, runPlan, type StepCount } from "./run-plan.js";
import { attachResults } from "./run-tracking.js";

/** What is to be run, and with what. */
export interface RunRequest extends RecipeRequest, ParallelRequest {
  /** Folder of the results; `results/<recipe and choices>` in the project where it is not given. */
  readonly out: string | undefined;
  readonly trackingUri: string | undefined;
}

/** What a run came to. */
export interface RunOutcome {
  readonly document: ResultsDocument;
  readonly steps: StepCount;
  /** Folder of the results. */
  readonly folder: string;
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

/**
 * Runs a recipe: checks and plans it, executes what has no finished record, writes the results. Every run is tracked.
 */
export async function runRecipe(request: RunRequest, context: RunContext): Promise<RunOutcome> {
  const { cwd, progress, signal } = context;
  const remark = (text: string) => progress.remark(text);
  const project = await openProject(cwd);
  const ports = await openPorts(project, request, { signal, remark });
  const file = resolve(cwd, request.file);
  const recipe = await loadRecipe(request, cwd, ports.host, networkImporter(dirname(file), ports, remark));
  const plan = await recipe.plan();
  const settings = settingsOf(recipe, request.sets);
  const label = labelOf(recipe, settings);
  const folder = makeOutput(resolve(cwd, request.out ?? join(project.root, "results", label)));
  const { name, seeds, choices, text } = recipe;
  const identity = {
    experiment: name,
    label,
    recipe: { file: basename(file), text },
    source: relative(project.root, file),
  };
  const run = { project, ports, plan, request, identity, recipe };
  const { outcome: document, steps } = await runPlan(run, context, async (records, tracking) => {
    const rows = results(plan, records).map(documentRow);
    const { columns } = plan;
    const found: ResultsDocument = {
      ...{ recipe: name, seeds, choices, settings, backend: ports.engine.backend, rows },
      ...(columns === undefined ? {} : { columns }),
    };
    const figures = await stepFigures(records, ports.store);
    const arrays = await arrayFiles(plan, records, ports.store);
    const tables = await stepTables(records, ports.store);
    const files = await writeResults({ folder, document: found, figures, arrays, tables, warn: remark });
    await attachResults(tracking, project.kept, files);
    return found;
  });
  return { document, steps, folder };
}
