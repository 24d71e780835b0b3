import type { Network, Params } from "@isthmus/core";
import { largestDifference, logitsOf, toyContext, toyData } from "@isthmus/core/testing";
import { expect } from "vitest";
import { type OtOptions, otOptions } from "../src/options.js";
import { ot } from "../src/ot.js";
import { inputsOf } from "./networks.js";

/** Options of a recipe, as far as they matter to a test. */
type Input = Partial<Record<keyof OtOptions, unknown>>;
/** Fuses networks as the method would be called in a run. */
export const fuse = (networks: readonly Network[], options: Input = {}, weights?: readonly number[]) =>
  ot.fuse(inputsOf(networks, weights), otOptions.parse(options), toyContext());

/** Checks that two networks give the same logits, and not just zeros. */
export async function expectSameFunction(a: Network, b: Network, tolerance = 1e-5) {
  const data = toyData(2, 40);
  const expected = await logitsOf(a.model, a.params, data);
  expect(largestDifference(expected, new Float32Array(expected.length))).toBeGreaterThan(0.01);
  expect(largestDifference(await logitsOf(b.model, b.params, data), expected)).toBeLessThan(tolerance);
}

/** Rows of a group of the toy network: incoming kernel column and bias of each unit. */
export const rowsOf = (params: Params, layer: number) => {
  const { shape, data } = params.get(`kernel${layer}`)!;
  const bias = params.get(`bias${layer}`)!.data;
  return Array.from({ length: shape[1] }, (_, unit) => [
    ...Array.from({ length: shape[0] }, (_, i) => data[i * shape[1] + unit]),
    bias[unit],
  ]);
};
/** Euclidean distance. */
export const distance = (x: readonly number[], y: readonly number[]) =>
  Math.hypot(...x.map((value, k) => value - y[k]));
