import {
  defineDataset,
  defineFusion,
  definePlugin,
  execute,
  hostDatasets,
  linearCombination,
  modelBuilder,
  type NetworkImporter,
  type Plan,
  type Plugin,
  PluginHost,
  type PluginManifest,
  type PluginSource,
  type RunPorts,
  readRecipe,
} from "@isthmus/core";
import { builtinSource, FileStore } from "@isthmus/core/node";
import { toyArchitecture, toyDataset, toyNormArchitecture } from "@isthmus/core/testing";
import { z } from "zod";
import continual from "../src/index.js";

/** The weighted mean; says that it needs data where it is told to be called `fed`. */
const mean = (name: string, needs: readonly ("weights" | "base" | "data")[]) =>
  defineFusion({
    meta: { name, title: name, description: "A mean.", needs, laws: { identity: "exact" } },
    options: z.strictObject({ scale: z.number().positive().default(1) }),
    fuse: async (inputs, { scale }, { data }) => {
      if (needs.includes("data") && data === undefined) throw new Error("no data");
      const weights = inputs.map(({ weight }) => scale * weight);
      return {
        model: inputs[0].model,
        params: linearCombination(
          weights,
          inputs.map(({ params }) => params),
        ),
        aligned: inputs.map(({ params }) => params),
      };
    },
  });

/** Fusion methods for learners to call. */
export const toyFusions = {
  mean: mean("mean", ["weights"]),
  fed: mean("fed", ["weights", "data"]),
  rooted: mean("rooted", ["weights", "base"]),
};

const bars = defineDataset({
  name: "bars",
  title: "Bars",
  description: "Toy images.",
  options: z.strictObject({ count: z.number().default(90) }),
  digest: async ({ count }) => `bars of ${count}`,
  load: async ({ count }) => toyDataset(0, count),
});

const toys = definePlugin({
  name: "toys",
  version: "1.0.0",
  setup(registry) {
    registry.add("architecture", "toy", () => toyArchitecture);
    registry.add("architecture", "toy-norm", () => toyNormArchitecture);
    registry.add("dataset", "bars", () => bars);
    registry.add("fusion", "mean", () => toyFusions.mean);
    registry.add("fusion", "fed", () => toyFusions.fed);
    registry.add("fusion", "rooted", () => toyFusions.rooted);
  },
});

function inMemory(plugin: Plugin): PluginSource {
  const provides: Record<string, Record<string, string>> = {};
  plugin.setup({
    add: (kind, name) => {
      provides[kind] = { ...provides[kind], [name]: `./dist/${name}.js` };
    },
  });
  const manifest: PluginManifest = { apiVersion: 1, provides };
  const { name, version } = plugin;
  const load = async () => ({ default: plugin });
  return { name, version, origin: "memory", manifest, load, file: (relative) => `/${name}/${relative}` };
}

const core = (await builtinSource()) as PluginSource;

/** A host of core, of this plugin and of toys. */
export const toyHost = (): PluginHost => new PluginHost([core, inMemory(toys), inMemory(continual)]);

/** A recipe of three tasks, one class each, with these learners; what it names as files are these networks. */
export function toyRecipe(learn: object, rest: object = {}, importer?: NetworkImporter) {
  const recipe = {
    name: "toy-study",
    experiment: "continual",
    dataset: "bars",
    scenario: { method: "split", options: { tasks: 3 } },
    model: { architecture: "toy" },
    training: { epochs: 2, batchSize: 16, optimizer: { kind: "sgd", learningRate: 0.1 } },
    learn,
    ...rest,
  };
  const options = { file: "r.yaml", ...(importer === undefined ? {} : { importNetwork: importer }) };
  return readRecipe(JSON.stringify(recipe), options, toyHost());
}

/** Ports that keep results below a folder; all code counts as the same. */
export function toyPorts(root: string): RunPorts {
  const host = toyHost();
  const files = {
    read: async (): Promise<never> => {
      throw new Error("toys need no files");
    },
  };
  let time = 0;
  return {
    host,
    code: { contribution: async (kind, name) => `${kind}/${name}`, numerics: async () => "numerics" },
    datasets: hostDatasets(host, { files }),
    engine: { backend: "cpu", threads: 1, version: "toy" },
    store: new FileStore(root),
    clock: { now: () => ++time },
    environment: { platform: "toy" },
  };
}

/** Runs a plan and reads what a step has left. */
export async function runPlan(plan: Plan, root: string, signal?: AbortSignal, observer = {}) {
  const ports = toyPorts(root);
  const records = await execute(plan, ports, { observer, ...(signal === undefined ? {} : { signal }) });
  const outputs = (id: string) => {
    const record = records.get(id);
    if (record === undefined) throw new Error(`There is no step "${id}".`);
    return ports.store.outputs(record, modelBuilder(ports.host));
  };
  return { records, outputs, ports };
}
