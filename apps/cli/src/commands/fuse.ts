import { isIsthmusError } from "@isthmus/core";
import { systemClock } from "@isthmus/core/node";
import type { Command } from "commander";
import type { Context } from "../context.js";
import { EXIT, Failure } from "../failure.js";
import { shownPath } from "../networks/output-file.js";
import { documentRow } from "../results/document.js";
import { resultsTable } from "../results/table.js";
import { type FusedFile, runFusion } from "../run/run-fusion.js";
import { trackingUriOf } from "../tracking/index.js";
import { addComputeOptions, type ComputeOptions, collect, computeRequest } from "./compute-options.js";
import { computing } from "./computing.js";
import { addNetworkOptions, type NetworkOptions } from "./network-options.js";

interface FuseOptions extends ComputeOptions, NetworkOptions {
  readonly weights?: string;
  readonly base?: string;
  readonly data?: string;
  readonly eval?: string;
  readonly arch?: string;
  readonly afterwards?: string;
}

/** Networks that a method cannot fuse are a wrong request, though it is the method that finds out. */
function refusal(error: unknown): never {
  const cause = error instanceof Failure ? error.error : error;
  const refused = isIsthmusError(cause) && /^(params\/|data\/shape|fusion\/(?!not-finite))/.test(cause.code);
  throw refused ? new Failure(cause, EXIT.usage) : error;
}

async function fuse(
  context: Context,
  method: string,
  files: readonly string[],
  options: FuseOptions,
): Promise<void> {
  const { cwd, env, stdout, stderr } = context;
  const start = systemClock.now();
  await computing(context, async (tools) => {
    const {
      weights,
      base,
      data: images,
      eval: evaluate,
      arch,
      afterwards,
      set: sets = [],
      out,
      seed,
    } = options;
    const request = {
      ...computeRequest(context, options),
      ...{ method, files, base, weights, sets, afterwards, arch, images, evaluate, out, seed },
      torch: options.torch === true,
      trackingUri: trackingUriOf(env, options.trackingUri),
    };
    const { fused, inputs, extra, rows, steps } = await runFusion(request, tools).catch(refusal);
    const seconds = (systemClock.now() - start) / 1000;
    const shown = ({ file, test }: FusedFile) => ({ file: shownPath(file, cwd), ...test });
    const more = extra === undefined ? undefined : shownPath(extra, cwd);
    for (const file of [shown(fused).file, ...(more === undefined ? [] : [more])])
      stderr.line(`Written: ${file}`);
    if (options.json) {
      const document = {
        ...shown(fused),
        ...(more !== undefined && { extra: more }),
        method,
        inputs: inputs.map(shown),
        steps,
        seconds,
      };
      stdout.line(JSON.stringify(document, undefined, 2));
    } else if (rows.length > 0) stdout.line(resultsTable(rows.map(documentRow), [seed], stdout.colors));
  });
}

/** Adds `isthmus fuse`. */
export function fuseCommand(program: Command, context: Context): void {
  const command = program
    .command("fuse <method> <checkpoints...>")
    .description("fuse networks out of files into one, with any fusion method, and write it as a checkpoint")
    .option("--set <option=value>", "set an option of the method; may be repeated", collect)
    .option("--weights <list>", "share of each network, e.g. 1,2 (default: equal)")
    .option("--base <checkpoint>", "common ancestor of the networks, for methods that need one")
    .option(
      "--eval <data>",
      "evaluate all on the test images of a data set; methods that need images get its training images",
    )
    .option(
      "--data <data>",
      "data set whose training images a method may use, where nothing is to be evaluated",
    )
    .option("--afterwards <what>", "after the method: none, statistics (batch norm anew) or repair")
    .option(
      "--arch <architecture>",
      "architecture, where the files do not tell it: 'mlp {hidden: [400, 200]}'",
    );
  addNetworkOptions(addComputeOptions(command)).action(
    (method: string, files: readonly string[], options: FuseOptions) => fuse(context, method, files, options),
  );
  command.addHelpText(
    "after",
    `
isthmus plugins METHOD lists the options of a method. Checkpoints are those of Isthmus, safetensors, and PyTorch's .pt and .pth.
What a method gives besides the network, like the points of a curve, is written beside it: OUT.METHOD.safetensors.

Examples:
  isthmus fuse average a.safetensors b.safetensors -o avg.safetensors --weights 1,2
  isthmus fuse ot a.safetensors b.pt -o ot.safetensors --set solver=sinkhorn --eval mnist
  isthmus fuse curve a.safetensors b.safetensors -o mpf.safetensors --eval mnist --set training.epochs=5`,
  );
}
