import { expect, it } from "vitest";
import type { ArrayValue, Params } from "../contracts/params.js";
import { toyModel } from "../testing/fixtures.js";
import { checkParams, initialize, linearCombination, sameBits } from "./params.js";
import { Rng } from "./rng.js";
import { gatherAxis, permuteUnits } from "./symmetry.js";

const params = (...data: number[]): Params =>
  new Map([["w", { shape: [data.length], data: Float32Array.from(data) }]]);

it("a linear combination is summed in double precision", () => {
  const big = 2 ** 24;
  const sum = linearCombination([1, 1, 1], [params(big), params(1), params(1)]).get("w") as ArrayValue;
  expect(sum.data[0]).toBe(big + 2); // in single precision, 2²⁴ + 1 + 1 is 2²⁴
});

it("fresh weights of a parameter do not depend on the model's other parameters", () => {
  const small = initialize(toyModel([8]), Rng.seed(0));
  const large = initialize(toyModel([8, 5]), Rng.seed(0));
  expect(small.get("kernel0")).toEqual(large.get("kernel0"));
  const wider = initialize(toyModel([9, 5]), Rng.seed(0)); // "kernel0" and "bias0" are larger; "kernel2" comes after them
  expect(wider.get("kernel2")).toEqual(large.get("kernel2"));
});

it("fresh weights of two parameters of one shape are different", () => {
  const fresh = initialize(toyModel([6, 6, 6]), Rng.seed(0));
  expect(fresh.get("kernel1")).not.toEqual(fresh.get("kernel2"));
});

it("averaging a number with itself gives it back to the bit, -0 too", () => {
  const values = params(-0, 1 / 3, 1e-40);
  expect(sameBits(linearCombination([0.5, 0.5], [values, values]), values)).toBe(true);
});

it("bits are compared, not numbers: -0 is not 0, and NaN is itself", () => {
  expect(sameBits(params(0), params(-0))).toBe(false);
  expect(sameBits(params(Number.NaN), params(Number.NaN))).toBe(true);
  expect(sameBits(params(1), new Map([["v", { shape: [1], data: Float32Array.of(1) }]]))).toBe(false);
});

it("weights that do not fit are refused with parameter, both shapes and source", () => {
  const model = toyModel([8, 5]);
  const good = initialize(model, Rng.seed(0));
  expect(() => checkParams(model, good, "test")).not.toThrow();
  expect(() => checkParams(model, initialize(toyModel([8, 4]), Rng.seed(0)), "b.safetensors")).toThrow(
    'b.safetensors: parameter "kernel1" has shape [8, 4]; toy needs [8, 5].',
  );
  expect(() => checkParams(model, new Map([...good].slice(1)), "x")).toThrow('"kernel0" is missing');
  expect(() => checkParams(model, new Map([...good, ...params(1)]), "x")).toThrow('"w" is not one of toy');
});

it("gathering an axis takes entry order[i] into place i", () => {
  const value = { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
  expect([...gatherAxis(value, 1, [2, 0]).data]).toEqual([3, 1, 6, 4]);
  expect([...gatherAxis(value, 0, [1, 0]).data]).toEqual([4, 5, 6, 1, 2, 3]);
});

it("permuting units and then permuting them back gives the same bits", () => {
  const model = toyModel();
  const start = initialize(model, Rng.seed(0));
  const order = Rng.seed(1).permutation(8);
  const inverse = order.map((_, i) => order.indexOf(i));
  const moved = permuteUnits(model, start, new Map([["units0", order]]));
  expect(sameBits(moved, start)).toBe(false);
  expect(sameBits(permuteUnits(model, moved, new Map([["units0", inverse]])), start)).toBe(true);
});
