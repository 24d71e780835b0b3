import { inspectNetwork } from "@isthmus/core";
import { openHost } from "@isthmus/core/node";
import type { Command } from "commander";
import type { Context } from "../context.js";
import { openNetwork } from "../networks/open-network.js";
import { openProject } from "../project.js";
import { inspectionLines } from "../results/inspection.js";

interface InspectOptions {
  readonly arch?: string;
  readonly json?: boolean;
}

async function inspect(
  { cwd, stdout, stderr }: Context,
  file: string,
  { arch, json }: InspectOptions,
): Promise<void> {
  const host = await openHost((await openProject(cwd)).root);
  const remark = (text: string) => stderr.line(text);
  const network = await openNetwork(file, { cwd, host, arch, task: undefined, remark });
  const summary = { file, format: network.format, ...inspectNetwork(network, network.provenance) };
  if (json) stdout.line(JSON.stringify(summary, undefined, 2));
  else for (const line of inspectionLines(summary, stdout.colors)) stdout.line(line);
}

/** Adds `isthmus inspect`. */
export function inspectCommand(program: Command, context: Context): void {
  program
    .command("inspect <checkpoint>")
    .description("what a checkpoint holds: architecture, options, parameters with their norms, provenance")
    .option(
      "--arch <architecture>",
      "architecture, where the file does not tell it: 'mlp {hidden: [400, 200]}'",
    )
    .option("--json", "print one JSON document")
    .action((file: string, options: InspectOptions) => inspect(context, file, options))
    .addHelpText(
      "after",
      "\nExamples:\n  isthmus inspect net.safetensors\n  isthmus inspect theirs.pt --json",
    );
}
