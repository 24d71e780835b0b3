import { checkParams, linearCombination, type Model, sameBits } from "@isthmus/core";
import { toyModel } from "@isthmus/core/testing";
import { describe, expect, it } from "vitest";
import { convModel } from "../test/conv-model.js";
import { expectSameFunction, fuse } from "../test/fuse.js";
import { shuffled } from "../test/networks.js";
import { trained } from "../test/parameters.js";
import { recurrentModel } from "../test/recurrent-model.js";
import { residualModel } from "../test/residual-model.js";

const sizes = { stream: 6, inner: 7, inner2: 5, stream2: 8 };
const narrow = { stream: 4, inner: 5, inner2: 3, stream2: 6 };
const models: readonly (readonly [string, Model, Model])[] = [
  ["a fully connected network", toyModel([9, 7]), toyModel([5, 4])],
  ["a convolutional network", convModel(7, 5), convModel(4, 3)],
  ["a residual network with batch normalization", residualModel(sizes), residualModel(narrow)],
  ["a recurrent network", recurrentModel("rnn", [7, 6]), recurrentModel("rnn", [4, 3])],
  ["a network of LSTM cells", recurrentModel("lstm", [7, 6]), recurrentModel("lstm", [4, 3])],
];

describe.each(models)("%s", (_, model, other) => {
  const original = trained(model, 3);
  const copy = shuffled(original, 4).network;

  it.each([
    {},
    { squared: true, unitRows: true, normalization: "log", lastLayer: "transport" },
    { metric: "cosine", importance: "l1", outgoing: "average" },
    { joins: "averaged" },
    { cost: "activations", activation: "pre" },
  ])("is got back exactly from a permuted copy: %o", async (options) => {
    const fused = await fuse([copy, original], options);
    expect(sameBits(fused.params, original.params)).toBe(true);
  });

  it("is got back as a function from copies aligned to a random network", async () => {
    const fused = await fuse([copy, original], { target: "random", squared: true });
    await expectSameFunction(original, fused);
  });

  it("is averaged with an unrelated one, both weights in the same order", async () => {
    const fused = await fuse([trained(model, 5), original], {}, [0.3, 0.7]);
    expect(fused.aligned![1]).toBe(original.params);
    expect(sameBits(fused.params, linearCombination([0.3, 0.7], fused.aligned!))).toBe(true);
  });

  it.each(["weights", "activations"])("takes on other widths, compared by %s", async (cost) => {
    for (const [from, to] of [
      [model, other],
      [other, model],
    ]) {
      const fused = await fuse([trained(from, 5), trained(to, 6)], { cost });
      expect(fused.model).toBe(to);
      checkParams(to, fused.params, "fused");
      for (const each of fused.aligned!) checkParams(to, each, "aligned");
    }
  });
});

describe("a residual join", () => {
  it("has one plan from all that is comparable, or the mean of one plan for each layer that feeds it", async () => {
    const networks = [trained(residualModel(sizes), 1), trained(residualModel(sizes), 2)];
    const masses = async (joins: string) => {
      const { arrays } = await fuse(networks, { joins });
      return new Set(Array.from(arrays!["plan/0/stream2"].data, (mass) => Math.round(16 * mass)));
    };
    expect(await masses("together")).toEqual(new Set([0, 2]));
    expect(await masses("averaged")).toEqual(new Set([0, 1, 2]));
  });
});
