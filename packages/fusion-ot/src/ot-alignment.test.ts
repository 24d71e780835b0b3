import { linearCombination, permuteUnits, sameBits } from "@isthmus/core";
import { largestDifference, toyContext, toyModel } from "@isthmus/core/testing";
import { describe, expect, it } from "vitest";
import { convModel } from "../test/conv-model.js";
import { distance, expectSameFunction, fuse, rowsOf } from "../test/fuse.js";
import { alive, bestOrder, inputsOf, network, orderOf, shuffled } from "../test/networks.js";
import { otOptions } from "./options.js";
import { ot } from "./ot.js";

describe("a known permutation", () => {
  const original = alive(network(toyModel([12, 9]), 1));
  const { network: copy, orders } = shuffled(original, 2);

  it.each([
    ["weights", {}],
    ["squared distances", { squared: true }],
    ["post-activations", { cost: "activations" }],
    ["pre-activations", { cost: "activations", activation: "pre" }],
    ["activations, target overwritten", { cost: "activations", targetActivations: "fused", pixels: "unit" }],
    ["Sinkhorn", { solver: "sinkhorn", regularization: 1e-3, squared: true, tolerance: 1e-12 }],
  ])("is undone exactly by %s", async (_, options) => {
    const fused = await fuse([copy, original], { activationSamples: 60, ...options });
    for (const { name, size } of original.model.symmetry) {
      // Unit order[i] of the original became unit i of the copy; the plan must bring it back.
      const order = Array.from(orders.get(name)!);
      const dominant = fused.arrays![`plan/0/${name}`].data.map((mass) =>
        mass > 0.999 / size ? 1 / size : 0,
      );
      const back = orderOf({ shape: [size, size], data: dominant });
      expect(back.map((i) => order[i])).toEqual(Array.from({ length: size }, (_, j) => j));
    }
    await expectSameFunction(original, fused);
    if (!("solver" in options)) expect(sameBits(fused.params, original.params)).toBe(true);
  });

  it("leaves the order to the chosen target", async () => {
    const first = await fuse([copy, original], { target: "first" });
    expect(sameBits(first.params, copy.params)).toBe(true);
    expect(Object.keys(first.arrays!)).toEqual(["plan/1/units0", "plan/1/units1"]);
    const random = await fuse([copy, original], { target: "random", squared: true });
    expect(Object.keys(random.arrays!)).toHaveLength(4);
    await expectSameFunction(original, random);
  });

  it("is undone in each of three networks, whatever their weights and target", async () => {
    const other = shuffled(original, 5).network;
    for (const target of [0, 1, "last", "random"] as const) {
      const fused = await fuse([copy, other, original], { target }, [0.2, 0.5, 0.3]);
      await expectSameFunction(original, fused);
    }
  });
});

describe("unrelated networks", () => {
  const [a, b, c] = [1, 2, 3].map((seed) => network(toyModel([5, 4]), seed));

  it.each([false, true])("are matched as trying every permutation does (squared: %s)", async (squared) => {
    const power = squared ? 2 : 1;
    let current = a.params;
    const fused = await fuse([a, b], { squared }, [0.3, 0.7]);
    for (const [layer, { name, size }] of a.model.symmetry.entries()) {
      const [from, to] = [rowsOf(current, layer), rowsOf(b.params, layer)];
      const order = bestOrder(size, (i, j) => distance(from[i], to[j]) ** power);
      expect(orderOf(fused.arrays![`plan/0/${name}`])).toEqual(order);
      current = permuteUnits(a.model, current, new Map([[name, order]]));
    }
    expect(sameBits(fused.params, linearCombination([0.3, 0.7], [current, b.params]))).toBe(true);
  });

  it("are averaged with their weights, each aligned to the target on its own", async () => {
    const three = await fuse([a, b, c], {}, [0.2, 0.5, 0.3]);
    const alone = await Promise.all([a, b].map((each) => fuse([each, c], {}, [1, 0])));
    const expected = linearCombination([0.2, 0.5, 0.3], [alone[0].params, alone[1].params, c.params]);
    for (const [name, { data }] of three.params) {
      expect(largestDifference(data, expected.get(name)!.data)).toBeLessThan(1e-6);
    }
    expect(three.arrays!["plan/1/units0"]).toEqual(alone[1].arrays!["plan/0/units0"]);
  });

  it("differ in the exact and the entropic plan less and less as the regularization goes down", async () => {
    const exact = await fuse([a, b]);
    const difference = async (regularization: number) => {
      const soft = await fuse([a, b], { solver: "sinkhorn", regularization, maxIterations: 20000 });
      return Math.max(
        ...[...exact.params].map(([name, { data }]) => largestDifference(data, soft.params.get(name)!.data)),
      );
    };
    expect(await difference(1)).toBeGreaterThan(0.01);
    expect(await difference(1e-4)).toBeLessThan(1e-4);
  });

  it("leave a record of Sinkhorn's error", async () => {
    const context = toyContext();
    const options = otOptions.parse({ solver: "sinkhorn", regularization: 1e-3, maxIterations: 1 });
    await ot.fuse(inputsOf([a, b]), options, context);
    expect(context.recorded.map(({ step }) => step)).toEqual([0, 1]);
    for (const { values } of context.recorded)
      expect(values["sinkhorn/marginal-error/0"]).toBeGreaterThan(1e-6);
  });
});

describe("a network with convolutions and a residual sum", () => {
  it.each([{}, { cost: "activations" }, { target: "random", squared: true }])(
    "is put back in order: %o",
    async (options) => {
      const original = network(convModel(7, 5), 3);
      const fused = await fuse([shuffled(original, 4).network, original], options);
      await expectSameFunction(original, fused, 1e-5);
      if (!("target" in options)) expect(sameBits(fused.params, original.params)).toBe(true);
    },
  );
});
