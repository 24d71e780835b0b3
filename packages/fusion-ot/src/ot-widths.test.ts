import { checkParams, type Network, permuteUnits } from "@isthmus/core";
import { toyModel } from "@isthmus/core/testing";
import { describe, expect, it } from "vitest";
import { convModel } from "../test/conv-model.js";
import { expectSameFunction, fuse, rowsOf } from "../test/fuse.js";
import { alive, network, shuffled } from "../test/networks.js";

describe("different widths", () => {
  /** Every hidden unit twice, outgoing weights halved; then shuffled. */
  const doubled = ({ params }: Network, hidden: readonly number[]): Network => {
    const model = toyModel(hidden.map((size) => 2 * size));
    const orders = new Map(
      hidden.map((size, l) => [`units${l}`, Array.from({ length: 2 * size }, (_, i) => i % size)]),
    );
    const copied = permuteUnits(toyModel(hidden), params, orders);
    const halved = [...copied].map(([name, { shape, data }]) => {
      const factor = name.startsWith("kernel") && name !== "kernel0" ? 0.5 : 1;
      return [name, { shape, data: data.map((x) => factor * x) }] as const;
    });
    return shuffled({ model, params: new Map(halved) }, 9).network;
  };

  it("lose nothing where the wider network has every unit twice, in either direction", async () => {
    const small = alive(network(toyModel([6, 4]), 1));
    const large = doubled(small, [6, 4]);
    await expectSameFunction(small, large);
    for (const options of [{}, { cost: "activations" }]) {
      const down = await fuse([large, small], options);
      expect(down.model.symmetry.map(({ size }) => size)).toEqual([6, 4]);
      await expectSameFunction(small, down);
      const up = await fuse([small, large], options);
      expect(up.model.symmetry.map(({ size }) => size)).toEqual([12, 8]);
      await expectSameFunction(small, up);
    }
  });

  it("give plans with uniform marginals, and every incoming weight is a mean of the wider network's", async () => {
    const wide = network(toyModel([7, 5]), 1);
    const narrow = network(toyModel([4, 3]), 2);
    const { params, arrays } = await fuse([wide, narrow], {}, [1, 0]);
    const { shape, data } = arrays!["plan/0/units0"];
    expect(shape).toEqual([7, 4]);
    for (let i = 0; i < 7; i++) {
      expect(data.subarray(4 * i, 4 * i + 4).reduce((sum, x) => sum + x, 0)).toBeCloseTo(1 / 7, 6);
    }
    // Transport of equal masses keeps the mean row.
    const mean = (rows: number[][]) =>
      rows[0].map((_, k) => rows.reduce((sum, row) => sum + row[k], 0) / rows.length);
    const expected = mean(rowsOf(wide.params, 0));
    mean(rowsOf(params, 0)).forEach((value, k) => {
      expect(value).toBeCloseTo(expected[k], 5);
    });
  });

  it("take a random target of the last network's architecture", async () => {
    const [narrow, wide] = [network(toyModel([4, 3]), 2), network(toyModel([7, 5]), 1)];
    const fused = await fuse([narrow, wide], { target: "random" });
    expect(fused.model).toBe(wide.model);
    expect(fused.arrays!["plan/0/units0"].shape).toEqual([4, 7]);
    expect(fused.arrays!["plan/1/units0"].shape).toEqual([7, 7]);
  });

  it("of feature maps in a residual stream and in its branch lead to the target's widths", async () => {
    const [wide, narrow] = [network(convModel(8, 6), 1), network(convModel(5, 3), 2)];
    for (const cost of ["weights", "activations"]) {
      const { model, params, arrays } = await fuse([wide, narrow], { cost });
      expect(model).toBe(narrow.model);
      checkParams(model, params, "fused");
      expect(arrays!["plan/0/stream"].shape).toEqual([8, 5]);
      expect(arrays!["plan/0/inner"].shape).toEqual([6, 3]);
    }
  });
});
