import { tf } from "@isthmus/core";
import { describeFusionMethod, leakedTensors, toyContext, toyModel } from "@isthmus/core/testing";
import { describe, expect, it } from "vitest";
import { convModel } from "../test/conv-model.js";
import { fuse } from "../test/fuse.js";
import { inputsOf, network } from "../test/networks.js";
import plugin from "./index.js";
import { otOptions } from "./options.js";
import { ot } from "./ot.js";

const seedProtocol = { target: "random", squared: true };
const seedActivations = {
  target: "random",
  cost: "activations",
  pixels: "unit",
  targetActivations: "fused",
  squared: true,
};

describe("the paper's protocol", () => describeFusionMethod(ot, { alignment: true }));
describe("to a random target", () => describeFusionMethod(ot, { alignment: true, options: seedProtocol }));
// Units that are dead on all images tie after the nonlinearity, and then the order does matter.
describe("by activations", () =>
  describeFusionMethod(ot, { alignment: true, options: { ...seedActivations, activation: "pre" } }));
describe("as in class-incremental merging", () =>
  describeFusionMethod(ot, {
    alignment: true,
    options: { squared: true, unitRows: true, normalization: "log", lastLayer: "transport" },
  }));
describe("by cosine and importance", () =>
  describeFusionMethod(ot, { alignment: true, options: { metric: "cosine", importance: "l2" } }));
describe("by Sinkhorn", () =>
  describeFusionMethod(ot, {
    alignment: true,
    options: { solver: "sinkhorn", regularization: 1e-3, tolerance: 1e-9, maxIterations: 5000 },
  }));

describe("what cannot be fused", () => {
  const a = network(toyModel([5, 4]), 1);

  it("is refused with a reason", async () => {
    await expect(fuse([network(toyModel([5]), 2), a])).rejects.toMatchObject({
      code: "fusion/different-structure",
    });
    await expect(fuse([network(convModel(3, 2), 2), a])).rejects.toMatchObject({
      code: "fusion/different-structure",
    });
    await expect(fuse([a, a], { target: 2 })).rejects.toMatchObject({ code: "fusion/no-such-target" });
    await expect(fuse([])).rejects.toMatchObject({ code: "fusion/no-inputs" });
    await expect(fuse([{ ...a, params: new Map() }, a])).rejects.toMatchObject({ code: "params/mismatch" });
  });

  it("includes unequal widths without past correction", async () => {
    const narrow = network(toyModel([5, 3]), 2);
    await expect(fuse([narrow, a], { pastCorrection: false })).rejects.toMatchObject({
      code: "fusion/unequal-widths",
      message: /Model 0 has layers of 5-3 units, the target of 5-4/,
    });
  });

  it("includes networks that have diverged", async () => {
    const bias = { shape: [5], data: Float32Array.of(0, 0, Number.NaN, 0, 0) };
    await expect(fuse([{ ...a, params: new Map([...a.params, ["bias0", bias]]) }, a])).rejects.toMatchObject({
      code: "fusion/not-finite",
      message: /Model 0.*"bias0"/,
    });
  });

  it("includes activations without images", async () => {
    const context = { ...toyContext(), data: undefined };
    const run = (cost: string) => ot.fuse(inputsOf([a, a]), otOptions.parse({ cost }), context);
    await expect(run("activations")).rejects.toMatchObject({ code: "fusion/needs-data" });
    await expect(run("weights")).resolves.toBeDefined();
  });
});

describe("a model that does not report its activations", () => {
  it("is refused with the group's name, and leaves no tensor behind", async () => {
    const { model, params } = network(toyModel([5, 4]), 1);
    const silent = { params, model: { ...model, apply: () => tf.zeros([1, 3]) } };
    const leaked = await leakedTensors(() =>
      expect(fuse([silent, silent], { cost: "activations" })).rejects.toMatchObject({
        code: "fusion/no-activations",
        message: /post-activations.*"units0"/,
      }),
    );
    expect(leaked).toBe(0);
  });
});

describe("figures", () => {
  it("show every plan, whatever its size", async () => {
    const [a, b] = [1, 2].map((seed) => network(toyModel([61, 4]), seed));
    const { figures, arrays } = await fuse([a, b], { lastLayer: "transport" });
    expect(Object.keys(figures!)).toEqual(["plan/0/units0", "plan/0/units1", "plan/0/output"]);
    expect(Object.keys(figures!)).toEqual(Object.keys(arrays!));
  });
});

describe("options", () => {
  it("default to the paper's protocol", () => {
    expect(otOptions.parse({})).toMatchObject({
      target: "last",
      cost: "weights",
      squared: false,
      solver: "exact",
    });
  });

  it("refuse what makes no sense", () => {
    for (const wrong of [
      { target: -1 },
      { target: "middle" },
      { regularization: 0 },
      { activationSamples: 0 },
      { importance: "l1", properMarginals: false },
      { clip: { min: 3, max: 2 } },
      { target: "random", lastLayer: "target" },
    ]) {
      expect(otOptions.safeParse(wrong).success).toBe(false);
    }
  });
});

describe("the plugin", () => {
  it("contributes the method under its name", () => {
    const added: unknown[] = [];
    plugin.setup({ add: (kind, name, factory) => void added.push([kind, name, factory()]) });
    expect(added).toEqual([["fusion", "ot", ot]]);
  });
});
