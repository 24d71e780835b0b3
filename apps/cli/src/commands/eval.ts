import { evaluate, LabeledImages } from "@isthmus/core";
import type { Command } from "commander";
import type { Context } from "../context.js";
import { checkTask, openDataset } from "../networks/open-dataset.js";
import { openNetwork } from "../networks/open-network.js";
import { checkFiles } from "../networks/read-network-file.js";
import { workProgress } from "../progress/work-progress.js";
import { openProject } from "../project.js";
import { evaluationDocument } from "../results/evaluation-document.js";
import { evaluationTable } from "../results/evaluation-table.js";
import { openPorts } from "../run/open-ports.js";
import { addComputeOptions, type ComputeOptions, computeRequest } from "./compute-options.js";
import { computing } from "./computing.js";

interface EvalOptions extends ComputeOptions {
  readonly dataset: string;
  readonly arch?: string;
  readonly json?: boolean;
}

async function evaluateFile(context: Context, file: string, options: EvalOptions): Promise<void> {
  const { cwd, stdout, stderr } = context;
  await computing(context, async ({ progress, signal }) => {
    const remark = (text: string) => progress.remark(text);
    await checkFiles([file], cwd);
    const ports = await openPorts(await openProject(cwd), computeRequest(context, options), {
      signal,
      remark,
    });
    const data = await openDataset(options.dataset, "--dataset", ports);
    const network = await openNetwork(file, {
      cwd,
      host: ports.host,
      arch: options.arch,
      task: data.task,
      remark,
    });
    checkTask(network, file, data);
    const bar = workProgress(file, stderr);
    const { model, params } = network;
    const images = new LabeledImages(data.images, "test");
    const found = await evaluate(model, params, images, { signal, progress: bar.progress }).finally(bar.end);
    const document = evaluationDocument(found);
    if (options.json) stdout.line(JSON.stringify(document, undefined, 2));
    else stdout.line(evaluationTable(document, data.images.classNames, stdout.colors));
  });
}

/** Adds `isthmus eval`. */
export function evalCommand(program: Command, context: Context): void {
  const command = program
    .command("eval <checkpoint>")
    .description("accuracy and loss of a network on the test images of a data set; nothing is kept")
    .requiredOption("--dataset <data>", "data set: a name, or a name and options: 'digits {test: 500}'")
    .option(
      "--arch <architecture>",
      "architecture, where the file does not tell it: 'mlp {hidden: [400, 200]}'",
    );
  addComputeOptions(command)
    .option("--json", "print one JSON document: accuracy and perClass in percent, loss in nats")
    .action((file: string, options: EvalOptions) => evaluateFile(context, file, options));
  command.addHelpText(
    "after",
    `
Examples:
  isthmus eval net.safetensors --dataset mnist
  isthmus eval theirs.pt --dataset cifar10 --arch vgg11 --json`,
  );
}
