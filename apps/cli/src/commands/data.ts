import type { Dataset, PluginHost } from "@isthmus/core";
import { IsthmusError } from "@isthmus/core";
import { openHost } from "@isthmus/core/node";
import type { Command } from "commander";
import type { Context } from "../context.js";
import { datasetPresence, describePresence } from "../dataset-presence.js";
import { Failure } from "../failure.js";
import { watchInterruption } from "../interruption.js";
import { workProgress } from "../progress/work-progress.js";
import { dataFiles, dataPlaces, openProject } from "../project.js";

interface DataOptions {
  readonly dataDir?: string;
}

async function openDatasets(cwd: string): Promise<PluginHost> {
  return openHost((await openProject(cwd)).root);
}

function defaultOptions(dataset: Dataset): unknown {
  const options = dataset.options.safeParse({});
  if (options.success) return options.data;
  throw new IsthmusError({
    code: "dataset/invalid-options",
    message: `The data set "${dataset.name}" cannot be had without options: ${options.error.issues[0]?.message}.`,
    hint: "Name it in a recipe with its options; it is then loaded when the recipe runs.",
  });
}

async function list({ cwd, env, stdout }: Context, { dataDir }: DataOptions): Promise<void> {
  const host = await openDatasets(cwd);
  const { colors } = stdout;
  const names = host.names("dataset");
  if (names.length === 0) stdout.line("No plugin of this project provides a data set.");
  for (const name of names) {
    const dataset = await host.resolve("dataset", name);
    const presence = await datasetPresence(dataset, dataPlaces({ cwd, env }, dataDir));
    stdout.line(`${colors.bold(name)}  ${dataset.title}: ${dataset.description}`);
    if (dataset.source !== undefined) stdout.line(`  source: ${dataset.source}`);
    stdout.line(`  ${describePresence(presence)}`);
    if (presence.state === "missing") stdout.line(`  get it: isthmus data get ${name}`);
  }
}

async function get(
  { cwd, env, stdout, stderr }: Context,
  name: string,
  { dataDir }: DataOptions,
): Promise<void> {
  const places = dataPlaces({ cwd, env }, dataDir);
  const dataset = await (await openDatasets(cwd)).resolve("dataset", name);
  const { progress, end } = workProgress(dataset.title, stderr);
  const interruption = watchInterruption(() => stderr.line("Stopping…"));
  const remarks: string[] = [];
  try {
    const { inputShape, classNames, splits } = await dataset.load(defaultOptions(dataset), {
      files: dataFiles(places),
      progress,
      signal: interruption.signal,
      remark: (text) => remarks.push(text),
    });
    end();
    for (const remark of remarks) stderr.line(remark);
    const { train, test } = splits;
    stdout.line(
      `${dataset.title}: ${train.labels.length} training and ${test.labels.length} test images of ${inputShape.join(" × ")}, ${classNames.length} classes, checked.`,
    );
    if (dataset.source !== undefined) stdout.line(`In ${places.dataDir ?? places.cacheDir}`);
  } catch (error) {
    throw new Failure(error, interruption.exitCode() ?? 1);
  } finally {
    end();
    interruption.end();
  }
}

/** Adds `isthmus data list` and `isthmus data get`. */
export function dataCommand(program: Command, context: Context): void {
  const data = program.command("data").description("list data sets, get one");
  const place = ["--data-dir <dir>", "read files from here and download nothing (ISTHMUS_DATA_DIR)"] as const;
  data
    .command("list")
    .description("every data set: where it comes from and whether it is here")
    .option(...place)
    .action((options: DataOptions) => list(context, options));
  data
    .command("get <name>")
    .description("download a data set into the cache, or check the files of --data-dir")
    .option(...place)
    .action((name: string, options: DataOptions) => get(context, name, options));
}
