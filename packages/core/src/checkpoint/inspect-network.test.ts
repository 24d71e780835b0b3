import { expect, it } from "vitest";
import type { Model } from "../contracts/model.js";
import { initialize } from "../numerics/params.js";
import { Rng } from "../numerics/rng.js";
import { toyModel } from "../testing/fixtures.js";
import { inspectNetwork } from "./inspect-network.js";

it("describes every parameter, and all together", () => {
  const toy = toyModel([2]);
  const model: Model = {
    ...toy,
    parameters: toy.parameters.map((each) => (each.name === "bias0" ? { ...each, role: "buffer" } : each)),
  };
  const params = new Map(initialize(model, Rng.seed(0)));
  params.set("kernel1", { shape: [2, 3], data: Float32Array.of(3, -4, 0, NaN, Infinity, 0) });
  params.set("bias1", { shape: [3], data: Float32Array.of(NaN, NaN, NaN) });
  const found = inspectNetwork({ model, params }, { seed: 3 });
  expect(found).toMatchObject({
    architecture: "toy",
    options: { hidden: [2] },
    task: { inputShape: [6, 6, 1], classes: 3 },
    provenance: { seed: 3 },
    trained: 72 + 6 + 3,
  });
  expect(found.parameters.map(({ name, shape, role, count }) => [name, shape, role, count])).toEqual([
    ["kernel0", [36, 2], "weight", 72],
    ["bias0", [2], "buffer", 2],
    ["kernel1", [2, 3], "weight", 6],
    ["bias1", [3], "bias", 3],
  ]);
  expect(found.parameters[2]).toMatchObject({ norm: 5, min: -4, max: 3, mean: -0.25, nan: 1, infinite: 1 });
  expect(found.parameters[3]).toMatchObject({ norm: null, min: null, max: null, mean: null, nan: 3 });
  const { data } = params.get("kernel0")!;
  const bias = params.get("bias0")!.data;
  const finite = [...data, ...bias, 3, -4, 0, 0];
  expect(found.total).toMatchObject({ count: 83, nan: 4, infinite: 1, min: -4, max: 3 });
  expect(found.total.norm).toBeCloseTo(Math.hypot(...finite), 10);
  expect(found.total.mean).toBeCloseTo(finite.reduce((a, b) => a + b) / finite.length, 10);
  expect(JSON.parse(JSON.stringify(found))).toEqual(found);
});
