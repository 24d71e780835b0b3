import { z } from "zod";
import builtin from "../src/builtin.js";
import { defineDataset, definePartition, type ImageSplit } from "../src/contracts/dataset.js";
import type { FusionMeta } from "../src/contracts/fusion.js";
import { defineFusion } from "../src/contracts/fusion.js";
import { definePlugin, type Plugin, type PluginManifest } from "../src/contracts/plugin.js";
import { defineStep } from "../src/contracts/step.js";
import { PluginHost } from "../src/host/plugin-host.js";
import type { PluginSource } from "../src/host/plugin-source.js";
import { initialize, linearCombination } from "../src/numerics/params.js";
import { Rng } from "../src/numerics/rng.js";
import { classification } from "../src/numerics/training/classification.js";
import { trainSettings } from "../src/numerics/training/settings.js";
import { toyArchitecture } from "../src/testing/fixtures.js";
import { toyNormArchitecture } from "../src/testing/toy-norm.js";

/** A split of noisy 6×6 images of three classes: bright bars at the left, in the middle or at the right. */
function bars(count: number, rng: Rng): ImageSplit {
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 3);
  const images = Uint8Array.from({ length: count * 36 }, (_, i) => {
    const bright = Math.floor((i % 6) / 2) === labels[Math.floor(i / 36)];
    return (bright ? 90 : 60) + rng.int(100);
  });
  return { images, labels };
}

const barsDataset = defineDataset({
  name: "bars",
  title: "Bars",
  description: "Noisy bars.",
  options: z.strictObject({ train: z.int().default(90), test: z.int().default(40) }),
  digest: async ({ train, test }) => `bars-${train}-${test}`,
  load: async ({ train, test }) => ({
    inputShape: [6, 6, 1],
    classNames: ["left", "middle", "right"],
    normalization: { mean: [0.45], std: [0.2] },
    splits: { train: bars(train, Rng.seed(0).fork("train")), test: bars(test, Rng.seed(0).fork("test")) },
  }),
});

/** Part a has a share of the images, chosen at random, part b the rest. */
const drawn = definePartition({
  name: "drawn",
  title: "Drawn",
  description: "A random share and the rest.",
  options: z.strictObject({ share: z.number().min(0).max(1).default(0.5) }),
  parts: () => ["a", "b"],
  deal({ labels }, { share }, rng) {
    const order = rng.permutation(labels.length);
    const first = Math.round(share * labels.length);
    return new Map([
      ["a", order.slice(0, first).sort()],
      ["b", order.slice(first).sort()],
    ]);
  },
});

function meta(name: string, ...needs: FusionMeta["needs"]): FusionMeta {
  return { name, title: name, description: name, needs, laws: { identity: "none" } };
}

/** The mean of its networks times a factor; tells what else it was given. */
const mean = (name: string, ...needs: FusionMeta["needs"]) =>
  defineFusion({
    meta: meta(name, ...needs),
    options: z.strictObject({ scale: z.number().default(1) }),
    async fuse(inputs, { scale }, context) {
      const aligned = inputs.map(({ params }) => params);
      const weights = inputs.map(({ weight }) => scale * weight);
      const details = { data: context.data?.count ?? null, base: context.base !== undefined };
      return { model: inputs[0].model, params: linearCombination(weights, aligned), aligned, details };
    },
  });

/** Trains the mean of its networks as often as it is told to. */
const tuned = (name: string, ...needs: FusionMeta["needs"]) =>
  defineFusion({
    meta: meta(name, ...needs),
    options: z.strictObject({ times: z.int().default(1), training: trainSettings }),
    async fuse(inputs, { times, training }, context) {
      const [{ model }] = inputs;
      let { params } = await context.fuse("mean", inputs);
      for (let i = 0; i < times; i++) {
        params = (await context.train(classification(model, params), training)).params;
      }
      return { model, params };
    },
  });

/** Fresh random weights; as many methods of its own kind are called before as `calls` says. */
const fresh = defineFusion({
  meta: meta("fresh", "weights", "base"),
  options: z.strictObject({ calls: z.int().default(0) }),
  async fuse(inputs, { calls }, context) {
    const [{ model }] = inputs;
    const extra: Record<string, ReturnType<typeof initialize>> = {};
    for (let i = 0; i < calls; i++) extra[`call${i}`] = (await context.fuse("fresh", inputs)).params;
    return { model, params: initialize(model, context.rng), extra };
  },
});

/** Calls another method by a name and with options that may be wrong. */
const caller = defineFusion({
  meta: meta("caller", "weights"),
  options: z.strictObject({ name: z.string(), options: z.record(z.string(), z.json()) }),
  fuse: (inputs, { name, options }, context) => context.fuse(name, inputs, options),
});

/** Reads two or three networks together and says which. */
const compare = defineStep({
  name: "compare",
  together: { atLeast: 2, atMost: 3 },
  options: z.strictObject({ names: z.array(z.string()), digits: z.int().default(2) }),
  dependencies: () => ({ contributions: [] }),
  run: async ({ networks }, { names }) => ({ details: names.slice(0, networks.length) }),
});

const toys = definePlugin({
  name: "toys",
  version: "1.2.3",
  setup(registry) {
    registry.add("architecture", "toy", () => toyArchitecture);
    registry.add("architecture", "toy-norm", () => toyNormArchitecture);
    registry.add("dataset", "bars", () => barsDataset);
    registry.add("partition", "drawn", () => drawn);
    registry.add("fusion", "mean", () => mean("mean", "weights"));
    registry.add("fusion", "informed", () => mean("informed", "weights", "data", "base"));
    registry.add("fusion", "tuned", () => tuned("tuned", "weights", "data", "training"));
    registry.add("fusion", "untold", () => tuned("untold", "weights"));
    registry.add("fusion", "fresh", () => fresh);
    registry.add("fusion", "caller", () => caller);
    registry.add("step", "compare", () => compare);
  },
});

/** A plugin in memory, with a manifest that promises what it registers. */
function inMemory(plugin: Plugin): PluginSource {
  const provides: Record<string, Record<string, string>> = {};
  plugin.setup({
    add: (kind, name) => {
      provides[kind] = { ...provides[kind], [name]: `./dist/${kind}/${name}.js` };
    },
  });
  const manifest: PluginManifest = { apiVersion: 1, provides };
  return {
    name: plugin.name,
    version: plugin.version,
    origin: "memory",
    manifest,
    load: async () => ({ default: plugin }),
    file: (relative) => `/${plugin.name}/${relative}`,
  };
}

/** A host of core's own contributions and of toys that really train. */
export function toyHost(): PluginHost {
  return new PluginHost([inMemory(builtin), inMemory(toys)]);
}
