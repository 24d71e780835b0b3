import { basename, resolve } from "node:path";
import {
  IsthmusError,
  importNetwork,
  modelBuilder,
  type Network,
  type NetworkImporter,
  type OpenedNetwork,
  type Plan,
  type PluginHost,
  type ResultRow,
  results,
  type Setting,
  type StepRecord,
} from "@isthmus/core";
import { checkTask, type OpenedDataset, openDataset } from "../networks/open-dataset.js";
import { openNetwork } from "../networks/open-network.js";
import { besides, checkOutput } from "../networks/output-file.js";
import { checkFiles } from "../networks/read-network-file.js";
import { rowNames } from "../networks/row-names.js";
import { provenanceOf, writeNetwork, writeParameterSets } from "../networks/write-network.js";
import { openProject } from "../project.js";
import { type EvaluationDocument, recordedEvaluation } from "../results/evaluation-document.js";
import { type ComputeRequest, openPorts } from "./open-ports.js";
import { optionRecipe, setting, settingsBelow } from "./option-recipe.js";
import { type RunContext, runPlan, type StepCount } from "./run-plan.js";

/** What is to be fused, and how. Paths and references to contributions are as they were given. */
export interface FusionRequest extends ComputeRequest {
  readonly method: string;
  readonly files: readonly string[];
  readonly base: string | undefined;
  /** Share of each network, as it was given: `1,2`. */
  readonly weights: string | undefined;
  /** `key=value`, options of the method. */
  readonly sets: readonly string[];
  /** What comes after the method: none, statistics, repair; undefined: what recipes do. */
  readonly afterwards: string | undefined;
  readonly arch: string | undefined;
  /** Data set whose training images the method may use. */
  readonly images: string | undefined;
  /** Data set on whose test images everything is evaluated; also `images` where that is not given. */
  readonly evaluate: string | undefined;
  readonly out: string;
  readonly torch: boolean;
  readonly seed: number;
  readonly trackingUri: string | undefined;
}

/** A network of a fusion, and how good it is where that was asked for. */
export interface FusedFile {
  /** Absolute path, or as it was given. */
  readonly file: string;
  readonly row: string;
  readonly test: EvaluationDocument | undefined;
}

/** What a fusion came to. */
export interface FusionOutcome {
  readonly fused: FusedFile;
  readonly inputs: readonly FusedFile[];
  /** File of what the method gave besides the network. */
  readonly extra: string | undefined;
  /** Rows of the results; none where nothing was evaluated. */
  readonly rows: readonly ResultRow[];
  readonly steps: StepCount;
}

/** The one data set that is asked for, with the option that names it. */
function askedData({ images, evaluate }: FusionRequest): readonly [string, string] | undefined {
  if (images !== undefined && evaluate !== undefined && images !== evaluate) {
    throw new IsthmusError({
      code: "cli/two-datasets",
      message: `--data ${images} and --eval ${evaluate} are different data sets.`,
      hint: "Leave out --data: a method that needs images gets the training images of --eval.",
    });
  }
  if (evaluate !== undefined) return ["--eval", evaluate];
  return images === undefined ? undefined : ["--data", images];
}

/** Refuses a method that needs more than it is given. @throws `cli/needs-data`, `cli/needs-base` */
async function checkNeeds(
  { method, base, afterwards }: FusionRequest,
  host: PluginHost,
  hasData: boolean,
): Promise<void> {
  const { needs } = (await host.resolve("fusion", method)).meta;
  const trains = needs.includes("training");
  if (!hasData && (trains || afterwards === "repair")) {
    throw new IsthmusError({
      code: "cli/needs-data",
      message: trains
        ? `The method "${method}" trains, and there are no images to train on.`
        : "Repair measures networks on training images, and there are none.",
      hint: "Name a data set with --eval, which also evaluates the networks, or with --data.",
    });
  }
  if (needs.includes("base") && base === undefined) {
    throw new IsthmusError({
      code: "cli/needs-base",
      message: `The method "${method}" needs the common ancestor of the networks.`,
      hint: "Give its checkpoint with --base.",
    });
  }
}

/** The files of a fusion, opened, by the path as it was given. */
async function openAll(
  { files, base, arch }: FusionRequest,
  host: PluginHost,
  data: OpenedDataset | undefined,
  { cwd, progress }: RunContext,
): Promise<ReadonlyMap<string, OpenedNetwork>> {
  const remark = (text: string) => progress.remark(text);
  const opened = new Map<string, OpenedNetwork>();
  for (const file of [...files, ...(base === undefined ? [] : [base])]) {
    if (opened.has(file)) continue;
    const network = await openNetwork(file, { cwd, host, arch, task: data?.task, remark });
    if (data !== undefined) checkTask(network, file, data);
    opened.set(file, network);
  }
  return opened;
}

/** Rows of a fusion: one per file, that of the common ancestor, that of the result. */
function rowsOf({ files, base, method }: FusionRequest) {
  const names = rowNames([...files, ...(base === undefined ? [] : [base]), method]);
  return {
    inputs: names.slice(0, files.length),
    base: base === undefined ? undefined : names[files.length],
    fused: names.at(-1) as string,
  };
}

/** What the options say, as entries of a recipe. */
function settingsOf(
  request: FusionRequest,
  rows: ReturnType<typeof rowsOf>,
  data: OpenedDataset | undefined,
): readonly Setting[] {
  const { method, files, base, weights, sets, afterwards } = request;
  const fuse = ["fuse", rows.fused];
  return [
    ...files.map((file, i) => setting(file, ["load", rows.inputs[i] as string, "file"], file)),
    ...(rows.base === undefined ? [] : [setting(`--base ${base}`, ["load", rows.base, "file"], base)]),
    ...(data === undefined ? [] : [setting("--data", ["dataset"], data.ref)]),
    setting(method, [...fuse, "method"], method),
    setting("the checkpoints", [...fuse, "of"], rows.inputs),
    ...(rows.base === undefined ? [] : [setting(`--base ${base}`, [...fuse, "base"], rows.base)]),
    ...(weights === undefined
      ? []
      : [{ option: `--weights ${weights}`, path: [...fuse, "weights"], text: `[${weights}]` }]),
    ...(afterwards === undefined
      ? []
      : [setting(`--afterwards ${afterwards}`, [...fuse, "afterwards"], afterwards)]),
    ...settingsBelow([...fuse, "options"], sets),
  ];
}

/** A plan that evaluates nothing. */
function withoutEvaluations({ steps, networks }: Plan): Plan {
  const dropped = new Set(networks.flatMap(({ evaluations }) => evaluations));
  return {
    steps: steps.filter(({ id }) => !dropped.has(id)),
    networks: networks.map((network) => ({ ...network, evaluations: [] })),
  };
}

/**
 * Fuses networks out of files, as a recipe would that loads them, and writes the result. Everything that can be wrong with the
 * request is told before anything is computed.
 */
export async function runFusion(request: FusionRequest, context: RunContext): Promise<FusionOutcome> {
  const { cwd, progress, signal } = context;
  const { files, base, method, seed } = request;
  const read = [...files, ...(base === undefined ? [] : [base])];
  const asked = askedData(request);
  const out = checkOutput(request.out, read, cwd);
  const extraFile = checkOutput(besides(out, method), read, cwd);
  await checkFiles(read, cwd);
  const project = await openProject(cwd);
  const ports = await openPorts(project, request, { signal, remark: (text) => progress.remark(text) });
  const { host, store } = ports;
  await checkNeeds(request, host, asked !== undefined);
  const data = asked && (await openDataset(asked[1], asked[0], ports));
  const opened = await openAll(request, host, data, context);
  const importer: NetworkImporter = async (file) => {
    const { format, provenance, model, params } = opened.get(file) as OpenedNetwork;
    return importNetwork({ model, params }, { file: resolve(cwd, file), format, provenance }, ports);
  };
  const rows = rowsOf(request);
  const settings = settingsOf(request, rows, data);
  const made = await optionRecipe("fuse", {}, settings, { seed, host, importNetwork: importer });
  const plan = request.evaluate === undefined ? withoutEvaluations(made.plan) : made.plan;
  const identity = {
    experiment: "fuse",
    label: basename(out),
    recipe: { file: "recipe.yaml", text: made.text },
    source: "isthmus fuse",
  };
  const run = { project, ports, plan, request: { ...request, workers: 1 }, identity, recipe: made.recipe };
  const { outcome, steps } = await runPlan(run, context, async (records) => {
    const recordOf = (id: string | undefined) => records.get(id as string) as StepRecord;
    const networkOf = (row: string | undefined) => plan.networks.find((each) => each.row === row);
    const testOf = (row: string | undefined) => {
      const id = networkOf(row)?.evaluations[0];
      return id === undefined ? undefined : recordedEvaluation(recordOf(id));
    };
    const record = recordOf(networkOf(rows.fused)?.step);
    const outputs = await store.outputs(record, modelBuilder(host));
    const network = outputs.network as Network;
    const test = testOf(rows.fused);
    const provenance = provenanceOf(record, { inputs: files.map((file) => resolve(cwd, file)), test });
    const { extra = {} } = outputs;
    const extras = Object.keys(extra).length > 0;
    if (extras) await writeParameterSets(extraFile, network, outputs, extra, provenance);
    await writeNetwork(out, network, provenance, request);
    return {
      fused: { file: out, row: rows.fused, test },
      inputs: files.map((file, i) => ({ file, row: rows.inputs[i] as string, test: testOf(rows.inputs[i]) })),
      extra: extras ? extraFile : undefined,
      rows: results(plan, records),
    };
  });
  return { ...outcome, steps };
}
