import { z } from "zod";
import { defineArchitecture } from "../src/contracts/architecture.js";
import { defineDataset } from "../src/contracts/dataset.js";
import type { Plan, PlannedNetwork } from "../src/contracts/experiment.js";
import type { Network } from "../src/contracts/fusion.js";
import type { JsonObject } from "../src/contracts/json.js";
import type { Model } from "../src/contracts/model.js";
import type { ContributionKind } from "../src/contracts/plugin.js";
import type { Clock, Ids } from "../src/contracts/ports.js";
import { defineStep, type PlannedStep, type StepOutputs } from "../src/contracts/step.js";
import type { TrainState } from "../src/contracts/training.js";
import { throwIfAborted } from "../src/errors/isthmus-error.js";
import { hostDatasets } from "../src/steps/datasets.js";
import type { CodeDigest, RunPorts, StepHost, StepStore } from "../src/steps/ports.js";

/** Size of the toy network's one parameter. */
const SIZE = 64;

const toy = defineArchitecture({
  name: "toy",
  title: "Toy",
  description: "One parameter.",
  options: z.strictObject({}),
  build: (_options, task): Model => ({
    spec: { architecture: "toy", options: {}, task },
    parameters: [{ name: "w", shape: [SIZE], initializer: { kind: "constant", value: 0 }, role: "weight" }],
    symmetry: [],
    apply: (_params, images) => images,
  }),
});

const task = { inputShape: [1, 1, 1], classes: 2 };

function network(w: Float32Array): Network {
  return {
    model: toy.build({}, task),
    params: new Map([["w", { shape: [SIZE], data: w }]]),
  };
}

const dots = defineDataset({
  name: "dots",
  title: "Dots",
  description: "Two images.",
  options: z.strictObject({ version: z.number().default(1) }),
  digest: async ({ version }) => `dots-${version}-${"0".repeat(60)}`,
  load: async ({ version }) => {
    const split = { images: Uint8Array.of(version, 2), labels: Uint8Array.of(0, 1) };
    return {
      inputShape: [1, 1, 1],
      classNames: ["a", "b"],
      normalization: { mean: [0], std: [1] },
      splits: { train: split, test: split },
    };
  },
});

const datasetOption = z.strictObject({ name: z.string(), options: z.any() });

/** What happened inside fake steps, e.g. `train 1`, `epoch 3`. */
export type Log = (line: string) => void;

/** "Trains": every epoch adds random numbers to the parameter, saves its state and records a number. */
const train = (log: Log, afterSave: (epoch: number) => Promise<void>) =>
  defineStep({
    name: "train",
    options: z.strictObject({
      seed: z.number(),
      epochs: z.number(),
      dataset: datasetOption,
      failAt: z.number().optional(),
    }),
    dependencies: ({ dataset }) => ({ contributions: [{ kind: "architecture", name: "toy" }], dataset }),
    run: async (_inputs, { seed, epochs, dataset, failAt }, context): Promise<StepOutputs> => {
      log(`train ${seed}`);
      const { splits } = await context.dataset(dataset);
      let w = new Float32Array(SIZE).fill(splits.train.images[0] as number);
      const resumed = await context.state.load();
      if (resumed !== undefined) w = Float32Array.from(resumed.params.get("w")?.data as Float32Array);
      for (let epoch = (resumed?.epoch ?? 0) + 1; epoch <= epochs; epoch++) {
        throwIfAborted(context.signal);
        if (epoch === failAt) throw new RangeError("the loss is purple");
        log(`epoch ${epoch}`);
        w = w.map((value, i) => value + context.rng.fork(`epoch/${epoch}/${i}`).uniform());
        context.metrics({ "train/loss": 1 / epoch }, epoch);
        context.progress(epoch, epochs, "epochs");
        const params = new Map([["w", { shape: [SIZE], data: w }]]);
        const state: TrainState = { epoch, params, optimizer: params, updates: epoch, history: [] };
        await context.state.save(state);
        await afterSave(epoch);
      }
      return { network: network(w), summary: { "train/final": w[0] as number } };
    },
  });

/** Fuses: the mean of its inputs. */
const fuse = (log: Log) =>
  defineStep({
    name: "fuse",
    options: z.strictObject({ method: z.string(), seed: z.number() }),
    dependencies: ({ method }) => ({ contributions: [{ kind: "fusion", name: method }] }),
    run: async ({ networks }, { method, seed }): Promise<StepOutputs> => {
      log(`fuse ${method} ${seed}`);
      const all = (networks ?? []).map((each) => each.network?.params.get("w")?.data as Float32Array);
      const mean = (all[0] as Float32Array).map(
        (_, i) => all.reduce((sum, w) => sum + (w[i] as number), 0) / all.length,
      );
      return {
        network: network(mean),
        extra: { "bend/1": new Map([["w", { shape: [SIZE], data: mean }]]) },
        arrays: { plan: { shape: [2], data: Float32Array.of(Number.NaN, -0) } },
        figures: { path: { mark: "line" } },
      };
    },
  });

/** Evaluates: the first value of the parameter, squeezed to 0…1, is the accuracy. */
const evaluate = (log: Log) =>
  defineStep({
    name: "evaluate",
    options: z.strictObject({ dataset: datasetOption }),
    dependencies: ({ dataset }) => ({ contributions: [], dataset }),
    run: async ({ network = [] }): Promise<StepOutputs> => {
      const [input] = network;
      const value = input?.network?.params.get("w")?.data[0] as number;
      log(`evaluate ${value}`);
      return {
        summary: { "test/accuracy": value / (1 + value), loss: 1 / value },
        details: { perClass: [Number.NaN, 1] },
      };
    },
  });

/** A host of toy contributions, all of them from a package called `toys`. */
export function fakeHost(log: Log, afterSave: (epoch: number) => Promise<void> = async () => {}): StepHost {
  const contributions: Record<string, unknown> = {
    "architecture/toy": toy,
    "dataset/dots": dots,
    "step/train": train(log, afterSave),
    "step/fuse": fuse(log),
    "step/evaluate": evaluate(log),
  };
  return {
    resolve: async (kind, name) => contributions[`${kind}/${name}`] as never,
    origin: (kind: ContributionKind, name: string) => ({
      plugin: "toys",
      version: "1.2.3",
      file: `/toys/${kind}/${name}.js`,
    }),
  };
}

/** Digests that a test can change, by `kind/name` or `numerics`. */
export function fakeCode(edits: Readonly<Record<string, string>> = {}): CodeDigest {
  return {
    contribution: async (kind, name) => edits[`${kind}/${name}`] ?? `code of ${kind} ${name}`,
    numerics: async () => edits.numerics ?? "numerics",
  };
}

/** Time that goes on by one second with every look at it. */
export function fakeClock(start = 1_000_000): Clock {
  let now = start;
  return {
    now: () => {
      now += 1000;
      return now;
    },
  };
}

/** Counts. */
export function fakeIds(prefix = ""): Ids {
  let count = 0;
  return { next: () => prefix + String(++count).padStart(32 - prefix.length, "0") };
}

/** Everything a plan of toy steps needs to run. */
export function fakePorts(store: StepStore, log: Log = () => {}, changes: Partial<RunPorts> = {}): RunPorts {
  const host = changes.host ?? fakeHost(log);
  const files = { read: async () => Promise.reject(new Error("no files here")) };
  return {
    host,
    code: fakeCode(),
    datasets: hostDatasets(host, { files }),
    engine: { backend: "cpu", threads: 1, version: "tfjs 4" },
    store,
    clock: fakeClock(),
    environment: { platform: "test", commit: "c".repeat(40) },
    ...changes,
  };
}

const dataset = { name: "dots", options: { version: 1 } };

/** Trains `a` and `b`, fuses them with each method, evaluates everything; once per seed. */
export function toyPlan({
  seeds = [0],
  methods = ["avg"],
  epochs = 3,
  train: more = {},
}: {
  readonly seeds?: readonly number[];
  readonly methods?: readonly string[];
  readonly epochs?: number;
  readonly train?: JsonObject;
} = {}): Plan {
  const steps: PlannedStep[] = [];
  const networks: PlannedNetwork[] = [];
  const add = (row: string, seed: number, step: PlannedStep) => {
    const evaluation = `evaluate ${row} ${seed}`;
    steps.push(step, {
      id: evaluation,
      kind: "evaluate",
      options: { dataset },
      inputs: { network: [step.id] },
    });
    const params = { epochs: String(epochs) };
    networks.push({
      row,
      seed,
      step: step.id,
      evaluations: [evaluation],
      params,
      tags: { method: step.kind },
    });
  };
  for (const seed of seeds) {
    for (const [i, row] of ["a", "b"].entries()) {
      const options = { seed: 2 * seed + i, epochs, dataset, ...more };
      add(row, seed, { id: `${row} ${seed}`, kind: "train", options, inputs: {} });
    }
    for (const method of methods) {
      const inputs = { networks: [`a ${seed}`, `b ${seed}`] };
      add(method, seed, { id: `${method} ${seed}`, kind: "fuse", options: { method, seed }, inputs });
    }
  }
  return { steps, networks };
}
