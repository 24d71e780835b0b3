import { linearCombination, type Params, permuteUnits } from "@isthmus/core";
import { toyContext, toyData, toyModel } from "@isthmus/core/testing";
import { describe, expect, it } from "vitest";
import { distance, fuse } from "../test/fuse.js";
import { alive, bestOrder, inputsOf, network, orderOf } from "../test/networks.js";
import { otOptions } from "./options.js";
import { ot } from "./ot.js";

describe("activations", () => {
  const [a, b] = [7, 8].map((seed) => alive(network(toyModel([6, 6]), seed)));
  const data = toyData();
  const all = Uint32Array.from({ length: data.count }, (_, i) => i);

  /** Pre-activations of a layer, `[images][units]`, in plain loops. */
  const layer = (params: Params, l: number, x: number[][]) => {
    const { shape, data: kernel } = params.get(`kernel${l}`)!;
    const bias = params.get(`bias${l}`)!.data;
    return x.map((row) =>
      Array.from({ length: shape[1] }, (_, unit) =>
        row.reduce((sum, value, i) => sum + value * kernel[i * shape[1] + unit], bias[unit]),
      ),
    );
  };
  const column = (x: number[][], unit: number) => x.map((row) => row[unit]);

  it("are compared with those of the original or the partly fused target, on all images if these are fewer than asked for", async () => {
    const { images } = data.batch(all, { pixels: "unit" });
    const pixels = Array.from(all, (i) => Array.from(images.subarray(i * 36, (i + 1) * 36)));
    const relu = (x: number[][]) => x.map((row) => row.map((value) => Math.max(0, value)));
    const match = (x: number[][], y: number[][]) =>
      bestOrder(6, (i, j) => distance(column(x, i), column(y, j)));

    const [a0, b0] = [layer(a.params, 0, pixels), layer(b.params, 0, pixels)];
    const order0 = match(a0, b0);
    const moved = permuteUnits(a.model, a.params, new Map([["units0", order0]]));
    const average = linearCombination([0.9, 0.1], [moved, b.params]);
    const a1 = layer(a.params, 1, relu(a0));
    const order1 = {
      original: match(a1, layer(b.params, 1, relu(b0))),
      fused: match(a1, layer(b.params, 1, relu(layer(average, 0, pixels)))),
    };
    expect(order1.original).not.toEqual(order1.fused);

    for (const targetActivations of ["original", "fused"] as const) {
      const options = { cost: "activations", pixels: "unit", activation: "pre", activationSamples: 1000 };
      const { arrays } = await fuse([a, b], { ...options, targetActivations }, [0.9, 0.1]);
      expect(orderOf(arrays!["plan/0/units0"])).toEqual(order0);
      expect(orderOf(arrays!["plan/0/units1"])).toEqual(order1[targetActivations]);
    }
  });

  it("are taken on as many random images as asked for, the same for the same seed", async () => {
    const asked: number[][] = [];
    const spy = {
      ...data,
      count: data.count,
      inputShape: data.inputShape,
      batch: (indices: ArrayLike<number>, options?: { pixels?: "normalized" | "unit" }) => {
        asked.push(Array.from(indices));
        expect(options?.pixels).toBe("normalized");
        return data.batch(indices, options);
      },
    } as typeof data;
    const options = otOptions.parse({ cost: "activations", activationSamples: 20 });
    for (const seed of [1, 1, 2]) await ot.fuse(inputsOf([a, b]), options, toyContext({ seed, data: spy }));
    expect(asked.map((indices) => new Set(indices).size)).toEqual([20, 20, 20]);
    expect(asked[1]).toEqual(asked[0]);
    expect(asked[2]).not.toEqual(asked[0]);
  });
});
