import { basename } from "node:path";
import { type JsonObject, modelBuilder, type Network, results, type StepRecord } from "@isthmus/core";
import { systemClock } from "@isthmus/core/node";
import type { Command } from "commander";
import type { Context } from "../context.js";
import { checkOutput, shownPath } from "../networks/output-file.js";
import { rowNames } from "../networks/row-names.js";
import { provenanceOf, writeNetwork } from "../networks/write-network.js";
import { openProject } from "../project.js";
import { documentRow } from "../results/document.js";
import { recordedEvaluation } from "../results/evaluation-document.js";
import { resultsTable } from "../results/table.js";
import { openPorts } from "../run/open-ports.js";
import { optionRecipe, referenceSetting, setting, settingsBelow } from "../run/option-recipe.js";
import { runPlan } from "../run/run-plan.js";
import { trackingUriOf } from "../tracking/index.js";
import {
  addComputeOptions,
  type ComputeOptions,
  collect,
  computeRequest,
  wholeNumber,
} from "./compute-options.js";
import { computing } from "./computing.js";
import { addNetworkOptions, type NetworkOptions } from "./network-options.js";

interface TrainOptions extends ComputeOptions, NetworkOptions {
  readonly dataset: string;
  readonly arch: string;
  readonly partition?: string;
  readonly part: string;
  readonly epochs?: number;
  readonly best?: boolean;
}

/** How a network is trained unless settings say otherwise; another kind of optimizer has none of these. */
function baseTraining(sets: readonly string[]): JsonObject {
  const choosesOptimizer = sets.some((each) => /^\s*optimizer(\.kind)?\s*=/.test(each));
  return choosesOptimizer
    ? { epochs: 10 }
    : { epochs: 10, optimizer: { kind: "sgd", learningRate: 0.01, momentum: 0.9 } };
}

function settingsOf(row: string, { dataset, arch, partition, part, epochs, best, set = [] }: TrainOptions) {
  return [
    referenceSetting("--dataset", dataset, ["dataset"], "name"),
    referenceSetting("--arch", arch, ["model"], "architecture"),
    ...(partition === undefined ? [] : [referenceSetting("--partition", partition, ["partition"], "method")]),
    setting(`--part ${part}`, ["train", row, "part"], part),
    ...(best ? [setting("--best", ["train", row, "checkpoint"], "best")] : []),
    ...(epochs === undefined ? [] : [setting(`--epochs ${epochs}`, ["training", "epochs"], epochs)]),
    ...settingsBelow(["training"], set),
  ];
}

async function train(context: Context, options: TrainOptions): Promise<void> {
  const { cwd, env, stdout, stderr } = context;
  const start = systemClock.now();
  await computing(context, async (tools) => {
    const { progress, signal } = tools;
    const out = checkOutput(options.out, [], cwd);
    const project = await openProject(cwd);
    const request = { ...computeRequest(context, options), workers: 1 };
    const ports = await openPorts(project, request, { signal, remark: (text) => progress.remark(text) });
    const [row] = rowNames([options.out]) as [string];
    const { plan, recipe, text } = await optionRecipe(
      "train",
      { training: baseTraining(options.set ?? []) },
      settingsOf(row, options),
      { seed: options.seed, host: ports.host },
    );
    const identity = {
      experiment: "train",
      label: basename(options.out),
      recipe: { file: "recipe.yaml", text },
      source: "isthmus train",
    };
    const tracked = { ...request, trackingUri: trackingUriOf(env, options.trackingUri) };
    const { outcome, steps } = await runPlan(
      { project, ports, plan, request: tracked, identity, recipe },
      tools,
      async (records) => {
        const [network] = plan.networks;
        const record = records.get(network?.step as string) as StepRecord;
        const test = recordedEvaluation(records.get(network?.evaluations[0] as string) as StepRecord);
        const outputs = await ports.store.outputs(record, modelBuilder(ports.host));
        await writeNetwork(out, outputs.network as Network, provenanceOf(record, { test }), {
          torch: options.torch === true,
        });
        return { test, rows: results(plan, records).map(documentRow) };
      },
    );
    const file = shownPath(out, cwd);
    const seconds = (systemClock.now() - start) / 1000;
    stderr.line(`Written: ${file}`);
    if (options.json) stdout.line(JSON.stringify({ file, ...outcome.test, steps, seconds }, undefined, 2));
    else stdout.line(resultsTable(outcome.rows, [options.seed], stdout.colors));
  });
}

/** Adds `isthmus train`. */
export function trainCommand(program: Command, context: Context): void {
  const command = program
    .command("train")
    .description(
      "train a network and write it as a checkpoint; stopped, it goes on where it was when started again",
    )
    .requiredOption("--dataset <data>", "data set: a name, or a name and options: 'digits {train: 2000}'")
    .requiredOption(
      "--arch <architecture>",
      "architecture: a name, or a name and options: 'mlp {hidden: [400, 200]}'",
    )
    .option(
      "--partition <partition>",
      "deals the training images out: 'special-class {class: 4, share: 0.1}'",
    )
    .option("--part <name>", "part to train on: one of the partition's, or joint for all images", "joint")
    .option("--epochs <n>", "passes over the images (default: 10)", wholeNumber)
    .option(
      "--set <option=value>",
      "change a training setting, e.g. optimizer.learningRate=0.07; may be repeated",
      collect,
    )
    .option(
      "--best",
      "write the weights of the best epoch on a validation share (--set validationShare=0.1)",
    );
  addNetworkOptions(addComputeOptions(command)).action((options: TrainOptions) => train(context, options));
  command.addHelpText(
    "after",
    `
Unless set, training is 10 epochs of SGD with learning rate 0.01, momentum 0.9, batches of 128. The settings are those of
a recipe's \`training\`, and the result is that of a recipe with the same settings.

Examples:
  isthmus train --dataset mnist --arch mlp -o net.safetensors
  isthmus train --dataset mnist --arch 'mlp {hidden: [800, 400]}' --partition 'special-class {class: 4, share: 0.1}' \\
    --part a --seed 1 --epochs 5 --set optimizer.learningRate=0.07 --set schedule.kind=decay -o a.safetensors
  isthmus train --dataset digits --arch mlp --set optimizer.kind=adam -o net.safetensors`,
  );
}
