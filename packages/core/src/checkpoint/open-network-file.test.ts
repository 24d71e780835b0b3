import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Architecture } from "../contracts/architecture.js";
import type { JsonObject } from "../contracts/json.js";
import type { Model, TorchTensor } from "../contracts/model.js";
import type { ArrayValue, Params } from "../contracts/params.js";
import { isIsthmusError } from "../errors/isthmus-error.js";
import { PluginHost } from "../host/plugin-host.js";
import { initialize, sameBits } from "../numerics/params.js";
import { Rng } from "../numerics/rng.js";
import { toyArchitecture } from "../testing/fixtures.js";
import { encodeCheckpoint, encodeTorchSafetensors } from "./checkpoint.js";
import { openNetworkFile } from "./open-network-file.js";
import { encodeParameterSets } from "./parameter-sets.js";
import type { OpenNetworkOptions } from "./recognize.js";
import { readSafetensors, writeSafetensors } from "./safetensors.js";
import { toTorch } from "./torch/assign-tensors.js";
import { bytesOf, floatTensor, torchLegacy, torchZip } from "./torch/test-torch-files.js";

const task = { inputShape: [6, 6, 1], classes: 3 };

/** The toy network as PyTorch keeps it: the last bias in two parts, as recurrent networks have them. */
function withTorch(name: string): Architecture<{ hidden: number[] }> {
  return {
    ...toyArchitecture,
    name,
    build(options, given): Model {
      const model = toyArchitecture.build(options, given);
      const torch = model.parameters.flatMap(({ name: parameter, role }, i): TorchTensor[] => {
        const key = `layers.${2 * Math.floor(i / 2)}.${role}`;
        const layout = role === "weight" ? "linear" : "same";
        const entry = { key, parameter, layout } as const;
        return i < model.parameters.length - 1 ? [entry] : [entry, { ...entry, key: `${key}_2` }];
      });
      return { ...model, spec: { ...model.spec, architecture: name }, torch };
    },
    recognize(tensors, given) {
      const weights = tensors.filter(({ shape }) => shape.length === 2).map(({ shape }) => shape);
      const ok = tensors.every(
        ({ shape }, i) => shape.length === (i % 2 === 0 && i < tensors.length - 1 ? 2 : 1),
      );
      if (!ok || weights.length === 0 || weights[0][1] !== 36) return undefined;
      const hidden = weights.slice(0, -1).map(([out]) => out);
      return { options: { hidden }, task: { ...task, classes: weights.at(-1)![0], ...given } };
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: architectures of different options in one list
function hostOf(...architectures: Architecture<any>[]): PluginHost {
  const provides = Object.fromEntries(architectures.map(({ name }) => [name, `./${name}.js`]));
  return new PluginHost([
    {
      name: "toys",
      version: "1.0.0",
      origin: "toys",
      manifest: { apiVersion: 1, provides: { architecture: provides } },
      file: (relative) => relative,
      load: async () => ({
        default: {
          name: "toys",
          version: "1.0.0",
          apiVersion: 1,
          setup: (registry: { add(...args: unknown[]): void }) => {
            for (const each of architectures) registry.add("architecture", each.name, () => each);
          },
        },
      }),
    },
  ]);
}

const toy = withTorch("toy");
const host = hostOf(toy);
const model = toy.build({ hidden: [5, 4] }, task);
const params = initialize(model, Rng.seed(1));
const torch = toTorch(model, params);

const open = (bytes: Uint8Array, options: Partial<OpenNetworkOptions> = {}) =>
  openNetworkFile(bytes, "some.file", { host, ...options });

/** The same tensors under other names. */
const renamed = (name: (index: number, key: string) => string, tensors: Params = torch): Params =>
  new Map([...tensors].map(([key, value], i) => [name(i, key), value]));

const saved = (tensors: Params) =>
  torchZip([...tensors].map(([key, { shape, data }]) => floatTensor(key, shape, data)));

describe("a network's file", () => {
  it("of ours gives back the network and where it came from", async () => {
    const bytes = encodeCheckpoint({ spec: model.spec, params }, { seed: 3 });
    const found = await open(bytes);
    expect(found).toMatchObject({ format: "isthmus", provenance: { seed: 3 }, notes: [] });
    expect(found.model.spec).toEqual(model.spec);
    expect(sameBits(found.params, params)).toBe(true);
  });

  it("that we wrote for PyTorch does too, and holds PyTorch's tensors", async () => {
    const bytes = encodeTorchSafetensors({ model, params }, { seed: 3 });
    const { tensors, metadata } = readSafetensors(bytes, "");
    expect(metadata.format).toBe("pt");
    expect([...tensors.keys()]).toEqual([...torch.keys()]);
    expect(tensors.get("layers.0.weight")?.shape).toEqual([5, 36]);
    expect(tensors.get("layers.4.bias_2")?.data).toEqual(new Float32Array(3));
    const found = await open(bytes);
    expect(found).toMatchObject({ format: "isthmus", provenance: { seed: 3 } });
    expect(sameBits(found.params, params)).toBe(true);
  });

  it.each<[string, string, Uint8Array]>([
    ["PyTorch's of today", "torch-zip", saved(torch)],
    [
      "PyTorch's before 1.6",
      "torch-legacy",
      torchLegacy([...torch].map(([key, { shape, data }]) => floatTensor(key, shape, data))),
    ],
    ["others' safetensors", "safetensors", writeSafetensors(torch)],
    ["PyTorch's, with other keys", "torch-zip", saved(renamed((i) => `block_${"zyxwvutsr"[i]}`))],
    [
      "PyTorch's, with a wrapper's prefix and counters of batches",
      "torch-zip",
      saved(
        new Map([
          ...renamed((_, key) => `module._orig_mod.${key}`),
          ["module.norm.num_batches_tracked", { shape: [], data: Float32Array.of(9) }],
        ]),
      ),
    ],
  ])("is known by its content: %s", async (_, format, bytes) => {
    const found = await open(bytes);
    expect(found.format).toBe(format);
    expect(found.model.spec).toEqual(model.spec);
    expect(sameBits(found.params, params)).toBe(true);
    expect(found.notes).toEqual([]);
  });

  it("has the two parts of a bias added up", async () => {
    const parts = new Map(torch);
    parts.set("layers.4.bias", { shape: [3], data: Float32Array.of(1, 2, 3) });
    parts.set("layers.4.bias_2", { shape: [3], data: Float32Array.of(10, 20, 30) });
    expect((await open(saved(parts))).params.get("bias2")?.data).toEqual(Float32Array.of(11, 22, 33));
  });

  it("that is sorted by name, as most safetensors are, is put in order by its names, which is said", async () => {
    const deep = toy.build({ hidden: [5, 5, 5, 5, 5, 5] }, task);
    const weights = initialize(deep, Rng.seed(2));
    const sorted = new Map(
      [...renamed((_, key) => key.replace("layers", "net"), toTorch(deep, weights))].sort(),
    );
    expect([...sorted.keys()].indexOf("net.10.weight")).toBeLessThan(
      [...sorted.keys()].indexOf("net.2.weight"),
    );
    const found = await open(writeSafetensors(sorted));
    expect(sameBits(found.params, weights)).toBe(true);
    expect(found.notes).toEqual([expect.stringMatching(/order of its layers was taken from their names/)]);
  });

  it("with PyTorch's own keys is read by them, whatever their order", async () => {
    const shuffled = new Map([...torch].reverse());
    const found = await open(writeSafetensors(shuffled), {
      architecture: { name: "toy", options: { hidden: [5, 4] } },
      task,
    });
    expect(sameBits(found.params, params)).toBe(true);
  });

  it("whose values are rounded says so", async () => {
    const { key, shape, data } = { key: "layers.0.weight", ...torch.get("layers.0.weight")! };
    const doubles = new Uint8Array(Float64Array.from(data, (value) => value + 1e-12).buffer);
    const tensors = [...torch].map(([name, value]) => floatTensor(name, value.shape, value.data));
    tensors[0] = { key, shape, strides: [36, 1], raw: doubles, type: "DoubleStorage", count: data.length };
    expect((await open(torchZip(tensors))).notes).toEqual([
      'some.file: values were rounded to float32 in "layers.0.weight".',
    ]);
  });
});

describe("what is given of the architecture", () => {
  it("wins over the file, and the rest is found", async () => {
    const named = await open(saved(torch), { architecture: { name: "toy" } });
    expect(named.model.spec).toEqual(model.spec);
    const own = encodeCheckpoint({ spec: model.spec, params }, {});
    expect(
      (await open(own, { architecture: { name: "toy", options: { hidden: [5, 4] } } })).model.spec,
    ).toEqual(model.spec);
  });

  it.each<[string, Params, JsonObject, RegExp]>([
    [
      "the shape of a tensor",
      torch,
      { hidden: [7, 4] },
      /"layers\.0\.weight" has shape \[5, 36\] instead of \[7, 36\] \(kernel0\)/,
    ],
    ["the number of tensors", torch, { hidden: [5] }, /it has 7 tensors instead of 5/],
  ])("is refused with the first thing that does not fit: %s", async (_, tensors, options, message) => {
    const refused = open(saved(tensors), { architecture: { name: "toy", options }, task });
    await expect(refused).rejects.toMatchObject({
      code: "checkpoint/mismatch",
      message: expect.stringMatching(message),
    });
  });

  it("is not enough where nothing tells the images", async () => {
    const odd = new Map<string, ArrayValue>([["w", { shape: [2, 2], data: new Float32Array(4) }]]);
    await expect(open(saved(odd), { architecture: { name: "toy" } })).rejects.toMatchObject({
      code: "checkpoint/task-unknown",
      message: expect.stringMatching(/"w" \[2, 2\]/),
    });
  });

  it("is checked by the host", async () => {
    const refused = open(saved(torch), { architecture: { name: "toy", options: { hidde: [] } } });
    await expect(refused).rejects.toMatchObject({ code: "options/invalid" });
    await expect(open(saved(torch), { architecture: { name: "toi" } })).rejects.toMatchObject({
      code: "plugin/unknown-name",
    });
  });
});

describe("several architectures with the same tensors", () => {
  it("are told apart by images of a usual size", async () => {
    const small: Architecture<{ hidden: number[] }> = {
      ...toy,
      name: "usual",
      build: (options, given) => {
        const built = toy.build(options, given);
        const spec = { ...built.spec, architecture: "usual", task: { ...task, inputShape: [28, 28, 1] } };
        return { ...built, spec };
      },
    };
    const found = await open(saved(renamed((i) => `${i}`)), { host: hostOf(toy, small) });
    expect(found.model.spec.architecture).toBe("usual");
  });

  it("are refused, unless one has the very keys", async () => {
    const two = hostOf(toy, { ...withTorch("twin") });
    await expect(open(saved(renamed((i) => `${i}`)), { host: two })).rejects.toMatchObject({
      code: "checkpoint/ambiguous",
      message: expect.stringMatching(/toy \{"hidden":\[5,4\]\}; twin/),
    });
    const other: Architecture<{ hidden: number[] }> = {
      ...toy,
      name: "other",
      build(options, given) {
        const built = toy.build(options, given);
        const keys = built.torch?.map((each) => ({ ...each, key: `other.${each.key}` }));
        return { ...built, spec: { ...built.spec, architecture: "other" }, torch: keys };
      },
    };
    const found = await open(saved(torch), { host: hostOf(other, toy) });
    expect(found.model.spec.architecture).toBe("toy");
  });
});

describe("files that are no network's", () => {
  it.each<[string, Uint8Array, string, RegExp]>([
    ["an empty one", new Uint8Array(0), "checkpoint/unknown-format", /^some\.file is empty/],
    ["a text", bytesOf("hello, world, hello"), "checkpoint/unknown-format", /neither safetensors nor/],
    ["a pickle of another program", bytesOf("\x80\x04N."), "checkpoint/unknown-format", /neither/],
    [
      "a curve",
      encodeParameterSets({ spec: model.spec, sets: { a: params }, details: {}, provenance: {} }),
      "checkpoint/several-networks",
      /several weights/,
    ],
    [
      "tensors of nothing that is known",
      saved(new Map([["w", { shape: [2], data: new Float32Array(2) }]])),
      "checkpoint/unrecognized",
      /No architecture has the tensors of some\.file: "w" \[2\]/,
    ],
    ["no tensors", writeSafetensors(new Map()), "checkpoint/unrecognized", /No architecture/],
  ])("are refused: %s", async (_, bytes, code, message) => {
    await expect(open(bytes)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it("raise nothing but coded errors, whatever their bytes", async () => {
    const files = [saved(torch), writeSafetensors(torch), encodeTorchSafetensors({ model, params }, {})];
    const changed = fc
      .tuple(fc.nat(files.length - 1), fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 4 }))
      .map(([index, changes]) => {
        const copy = files[index].slice();
        for (const [position, value] of changes) copy[position % copy.length] = value;
        return copy;
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 40 }), changed), async (bytes) => {
        try {
          await open(bytes);
        } catch (error) {
          if (!isIsthmusError(error)) throw error;
        }
      }),
      { numRuns: 400 },
    );
  });
});
