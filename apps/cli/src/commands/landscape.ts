import type { JsonObject } from "@isthmus/core";
import { systemClock } from "@isthmus/core/node";
import { type Command, InvalidArgumentError } from "commander";
import type { Context } from "../context.js";
import { landscapeTable } from "../landscape/landscape-table.js";
import { type LandscapeRequest, runLandscape } from "../landscape/run-landscape.js";
import { formatSeconds } from "../results/format.js";
import {
  addComputeOptions,
  type ComputeOptions,
  collect,
  computeRequest,
  wholeNumber,
} from "./compute-options.js";
import { computing } from "./computing.js";

interface LandscapeOptions extends ComputeOptions {
  readonly dataset: string;
  readonly curve?: string;
  readonly mark?: readonly string[];
  readonly arch?: string;
  readonly split?: string;
  readonly trainShare?: number;
  readonly steps?: number;
  readonly margin?: number;
  readonly points?: number;
  readonly seed: number;
  readonly out?: string;
  readonly json?: boolean;
}

function number(text: string): number {
  if (text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
  throw new InvalidArgumentError("It must be a number.");
}

function seedNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number from 0.");
}

async function run(
  context: Context,
  kind: LandscapeRequest["kind"],
  networks: readonly string[],
  options: LandscapeOptions,
): Promise<void> {
  const start = systemClock.now();
  const { dataset, curve, mark = [], arch, seed, out, json } = options;
  const { split, trainShare, steps, margin, points } = options;
  const given = Object.entries({ split, trainShare, steps, margin, points });
  const request: LandscapeRequest = {
    ...computeRequest(context, options),
    kind,
    ends: networks,
    curve,
    marks: mark,
    dataset,
    arch,
    seed,
    out,
    options: Object.fromEntries(given.filter(([, value]) => value !== undefined)) as JsonObject,
  };
  await computing(context, async (tools) => {
    const { document, folder } = await runLandscape(request, tools);
    const { stdout, stderr } = context;
    stderr.line(`${formatSeconds((systemClock.now() - start) / 1000)}. Results: ${folder}`);
    stdout.line(json ? JSON.stringify(document) : landscapeTable(document, stdout.colors));
  });
}

/** The options that the three commands share. */
function addShared(command: Command): Command {
  return addComputeOptions(
    command
      .requiredOption("--dataset <name>", "data set to evaluate on: mnist, 'digits {train: 2000}'")
      .option("--arch <name>", "architecture of files that don't say it: mlp, 'mlp {bias: false}'")
      .option("--split <which>", "images: both, train or test (default: both)")
      .option("--train-share <share>", "share of the training images, drawn at random (default: 1)", number)
      .option("--seed <n>", "seed of that draw", seedNumber, 0)
      .option("-o, --out <dir>", "folder for numbers and figures (default: results/<command and names>)"),
  ).option("--json", "print everything as one JSON document, and nothing else, on stdout");
}

const FILES = "NETWORK and CURVE are files; NAME=FILE gives a network another name than its file's.";

/** Adds `isthmus plane`, `isthmus path` and `isthmus barrier`. */
export function landscapeCommands(program: Command, context: Context): void {
  const curve = [
    "--curve <file>",
    "curve that `isthmus fuse curve` wrote: <name>.curve.safetensors",
  ] as const;
  const points = (what: string) => ["--points <n>", `${what} (default: 61)`, wholeNumber] as const;
  const act = (kind: LandscapeRequest["kind"]) => (networks: readonly string[], options: LandscapeOptions) =>
    run(context, kind, networks, options);
  addShared(
    program
      .command("plane [networks...]")
      .description(
        "loss and error on the plane through three networks, two and a curve's bend, or a curve alone",
      )
      .option(...curve)
      .option("--mark <network>", "mark a network where it projects to; may be repeated", collect)
      .option("--steps <n>", "points of the grid on each side (default: 21)", wholeNumber)
      .option("--margin <share>", "room on every side, as a share of what is drawn (default: 0.25)", number)
      .option(...points("points at which the curve is drawn")),
  )
    .addHelpText(
      "after",
      `\n${FILES}\nExample: isthmus plane a.safetensors b.safetensors --curve mpf.curve.safetensors --dataset mnist`,
    )
    .action(act("plane"));
  addShared(
    program
      .command("path [networks...]")
      .description("loss, error and barriers along the straight line between two networks, and along a curve")
      .option(...curve)
      .option(...points("evenly spaced points, both ends included")),
  )
    .addHelpText(
      "after",
      `\n${FILES}\nExample: isthmus path a.safetensors b.safetensors --dataset mnist --split test`,
    )
    .action(act("path"));
  addShared(
    program
      .command("barrier <networks...>")
      .description("barriers of loss and error on the straight lines between any two networks")
      .option(...points("evenly spaced points on each line, both ends included")),
  )
    .addHelpText(
      "after",
      `\n${FILES}\nExample: isthmus barrier a.safetensors b.safetensors c.pt --dataset mnist`,
    )
    .action(act("barrier"));
}
