import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Json, type JsonObject, Rng, type StepOutputs, writeNpz } from "@isthmus/core";
import { makeFolder, systemClock } from "@isthmus/core/node";
import type { Spec } from "@isthmus/plots";
import { openDataset } from "../networks/open-dataset.js";
import { dataProgress } from "../progress/data-progress.js";
import { openProject } from "../project.js";
import { arraysJson } from "../results/array-files.js";
import { figureFiles, type ResultFile } from "../results/figure-files.js";
import { fileName } from "../results/figures.js";
import { makeOutput } from "../run/make-output.js";
import { type ComputeRequest, openPorts } from "../run/open-ports.js";
import type { RunContext } from "../run/run-plan.js";
import { readNetworks } from "./read-networks.js";

/** What `isthmus plane`, `path` and `barrier` are asked for. */
export interface LandscapeRequest extends ComputeRequest {
  /** The kind of step that does it. */
  readonly kind: "plane" | "path" | "barrier";
  /** Files of networks, of a curve, and of networks to mark; each may have a name before it. */
  readonly ends: readonly string[];
  readonly curve: string | undefined;
  readonly marks: readonly string[];
  readonly dataset: string;
  readonly arch: string | undefined;
  readonly seed: number;
  /** Options of the step that were given. */
  readonly options: JsonObject;
  readonly out: string | undefined;
}

/** What came out, as programs read it. */
export interface LandscapeDocument {
  readonly kind: string;
  readonly dataset: Json;
  readonly backend: string;
  /** Files of the networks by name, in their order. */
  readonly networks: readonly string[];
  readonly options: JsonObject;
  readonly summary: Readonly<Record<string, number>>;
  readonly details: Json;
  readonly arrays: Readonly<Record<string, Json>>;
}

/** Everything as files: `<kind>.json`, `<kind>.npz`, figures and their page. */
async function filesOf(
  document: LandscapeDocument,
  { arrays = {}, figures = {} }: StepOutputs,
  warn: (message: string) => void,
): Promise<readonly ResultFile[]> {
  const { kind, networks } = document;
  const named = Object.entries(figures).map(([name, spec]) => ({
    name: fileName(name),
    title: name.replaceAll("-", " "),
    spec: spec as Spec,
  }));
  const page = { title: `isthmus ${kind}`, description: `Networks: ${networks.join(", ")}.`, warn };
  return [
    [`${kind}.json`, `${JSON.stringify(document)}\n`],
    [`${kind}.npz`, writeNpz(arrays)],
    ...(await figureFiles(named, page)),
  ];
}

/**
 * Reads the networks, evaluates the plane, path or lines as the registered kind of step does, and writes numbers and figures.
 *
 * @throws `cli/…`, `checkpoint/…`, `landscape/…`, `options/invalid`, `plugin/unknown-name`
 */
export async function runLandscape(
  request: LandscapeRequest,
  { cwd, progress, signal }: RunContext,
): Promise<{ readonly document: LandscapeDocument; readonly folder: string }> {
  const { kind, ends, curve, marks, seed, arch } = request;
  const remark = (text: string) => progress.remark(text);
  const project = await openProject(cwd);
  const ports = await openPorts(project, request, { signal, remark });
  const { host, engine, datasets } = ports;
  const step = await host.resolve("step", kind);
  const dataset = await openDataset(request.dataset, "--dataset", ports);
  const { names, networks } = await readNetworks(
    { ends, curve, marks },
    { cwd, host, arch, task: dataset.task, remark },
    dataset,
  );
  const given = { seed, dataset: dataset.ref, names: [...names], ...request.options };
  const options = await host.checkOptions("step", kind, given);
  const label = fileName([kind, ...names].join("-"));
  const folder = makeOutput(resolve(cwd, request.out ?? join(project.root, "results", label)));
  remark(`Backend ${engine.backend}: ${engine.reason}.`);
  const outputs = await step.run({ networks }, options, {
    rng: Rng.seed(seed),
    signal,
    progress: dataProgress(remark, systemClock, "Evaluating"),
    resolve: (contribution, name) => host.resolve(contribution, name),
    dataset: (ref) => datasets.load(ref),
    metrics: () => {},
    state: { load: async () => undefined, save: async () => {} },
  });
  const { summary = {}, details = null, arrays = {} } = outputs;
  const document: LandscapeDocument = {
    kind,
    dataset: dataset.ref as unknown as Json,
    backend: engine.backend,
    networks: [...names],
    options,
    summary,
    details,
    arrays: arraysJson(arrays),
  };
  for (const [name, content] of await filesOf(document, outputs, remark)) {
    makeFolder(folder);
    await writeFile(join(folder, name), content);
  }
  return { document, folder };
}
