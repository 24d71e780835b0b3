import { describe, expect, it } from "vitest";
import { groundCost } from "./ground-cost.js";
import { type OtOptions, otOptions } from "./options.js";
import type { UnitRows } from "./unit-rows.js";

const rows = (data: number[][], samples = 1): UnitRows => ({
  units: data.length,
  length: data[0].length,
  data: Float32Array.from(data.flat()),
  samples,
});
const x = rows([
  [3, 0, 0, 0, 0],
  [0, 0, 0, 0, 0],
]);
const y = rows(
  [
    [0, 4, 0, 0, 0],
    [6, 0, 0, 0, 0],
    [0, 0, 0, 0, 0],
  ],
  4,
);
const cost = (options: Partial<OtOptions> = {}) =>
  [...groundCost(x, y, { ...otOptions.parse({}), ...options })].map((c) => Number(c.toFixed(9)));
/** Distances of x and y: 3-4-5 triangles. */
const DISTANCES = [5, 3, 3, 4, 6, 0];

describe("groundCost", () => {
  it("is the Euclidean distance of rows, or its square", () => {
    expect(cost()).toEqual(DISTANCES);
    expect(cost({ squared: true })).toEqual(DISTANCES.map((d) => d * d));
  });

  it("is one minus the cosine, and takes rows of zeros for alike", () => {
    expect(cost({ metric: "cosine" })).toEqual([1, 0, 1, 1, 1, 0]);
  });

  it("compares directions alone with rows of length 1", () => {
    expect(cost({ unitRows: true, squared: true })).toEqual([2, 0, 1, 1, 1, 0]);
  });

  it("divides squared distances by the number of images or by the target's mean squared norm", () => {
    expect(cost({ scale: "samples" })).toEqual(DISTANCES.map((d) => d / 2));
    const mean = (16 + 36) / 3;
    expect(cost({ scale: "norm", squared: true })).toEqual(
      DISTANCES.map((d) => Number(((d * d) / mean).toFixed(9))),
    );
  });

  it("is normalized as a whole", () => {
    const round = (values: number[]) => values.map((c) => Number(c.toFixed(9)));
    expect(cost({ normalization: "log" })).toEqual(round(DISTANCES.map((d) => Math.log(1 + d))));
    expect(cost({ normalization: "max" })).toEqual(round(DISTANCES.map((d) => d / 6)));
    expect(cost({ normalization: "mean" })).toEqual(round(DISTANCES.map((d) => d / 3.5)));
    // The lower of the two middle entries, 3 and 4.
    expect(cost({ normalization: "median" })).toEqual(round(DISTANCES.map((d) => d / 3)));
  });

  it("of equal rows stays zero, whatever it is divided by", () => {
    for (const normalization of ["max", "mean", "median"] as const) {
      const options = { ...otOptions.parse({}), normalization };
      const one = rows([[1, 2]]);
      expect([...groundCost(one, one, options)]).toEqual([0]);
    }
  });

  it("is clipped to multiples of the regularization, after normalization", () => {
    expect(cost({ clip: { min: 4, max: 10 }, regularization: 0.5 })).toEqual([5, 3, 3, 4, 5, 2]);
    expect(cost({ normalization: "max", clip: { min: 0, max: 1 }, regularization: 0.5 })).toEqual([
      0.5, 0.5, 0.5, 0.5, 0.5, 0,
    ]);
  });
});
