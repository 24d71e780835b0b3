import { parseSeeds } from "@isthmus/core";
import { systemClock } from "@isthmus/core/node";
import type { Command } from "commander";
import type { Context } from "../context.js";
import { formatSeconds } from "../results/format.js";
import { resultsTable } from "../results/table.js";
import { runRecipe } from "../run/run-recipe.js";
import { trackingUriOf } from "../tracking/index.js";
import {
  addComputeOptions,
  type ComputeOptions,
  collect,
  computeRequest,
  wholeNumber,
} from "./compute-options.js";
import { computing } from "./computing.js";

interface RunOptions extends ComputeOptions {
  readonly set?: readonly string[];
  readonly seeds?: string;
  readonly out?: string;
  readonly trackingUri?: string;
  readonly workers?: number;
  readonly json?: boolean;
}

async function run(context: Context, recipe: string, options: RunOptions): Promise<void> {
  const { env, stdout, stderr } = context;
  const start = systemClock.now();
  await computing(context, async (tools) => {
    const request = {
      file: recipe,
      sets: options.set ?? [],
      seeds: options.seeds === undefined ? undefined : parseSeeds(options.seeds),
      ...computeRequest(context, options),
      out: options.out,
      trackingUri: trackingUriOf(env, options.trackingUri),
      workers: options.workers,
    };
    const { document, steps, folder } = await runRecipe(request, tools);
    const seconds = (systemClock.now() - start) / 1000;
    const { computed, reused } = steps;
    stderr.line(
      `${computed} steps computed, ${reused} reused, ${formatSeconds(seconds)}. Results: ${folder}`,
    );
    if (options.json) stdout.line(JSON.stringify({ ...document, steps, seconds }, undefined, 2));
    else stdout.line(resultsTable(document.rows, document.seeds, stdout.colors, document.columns));
  });
}

/** Adds `isthmus run`. */
export function runCommand(program: Command, context: Context): void {
  const command = program
    .command("run <recipe>")
    .description("run a recipe: whatever it has finished before is reused, whatever was stopped is resumed")
    .option(
      "--set <path=value>",
      "change an entry of the recipe, or pick one of its choices; may be repeated",
      collect,
    )
    .option("--seeds <list>", "seeds in place of the recipe's: 0..4, or 0,2,7")
    .option(
      "--out <dir>",
      "folder for tables and figures (default: results/<recipe and choices> in the project)",
    )
    .option("--tracking-uri <uri>", "MLflow server to send runs to (MLFLOW_TRACKING_URI)");
  addComputeOptions(command)
    .option(
      "--workers <n>",
      "steps computed at the same time, each in a process of its own (default: cores ÷ threads per step)",
      wholeNumber,
    )
    .option("--json", "print the results as one JSON document, and nothing else, on stdout")
    .action((recipe: string, options: RunOptions) => run(context, recipe, options));
}
