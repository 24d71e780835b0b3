import { Rng } from "@isthmus/core";
import fc from "fast-check";
import { linearSumAssignment } from "linear-sum-assignment";
import munkres from "munkres";
import { describe, expect, it } from "vitest";
import { groundCost } from "../ground-cost.js";
import { otOptions } from "../options.js";
import { assignment } from "./assignment.js";

const uniform = (size: number, seed: number) => {
  const rng = Rng.seed(seed);
  return Float64Array.from({ length: size }, () => rng.uniform());
};

const rowsOf = (cost: Float64Array, n: number) =>
  Array.from({ length: n }, (_, i) => Array.from(cost.subarray(i * n, (i + 1) * n)));

const isPermutation = (columns: Int32Array) =>
  Array.from(columns)
    .sort((x, y) => x - y)
    .every((column, k) => column === k);

function expectProof(cost: Float64Array, n: number) {
  const { rowToColumn, total, rowDuals, columnDuals } = assignment(cost, n);
  expect(isPermutation(rowToColumn)).toBe(true);
  const scale = cost.reduce((most, c) => Math.max(most, Math.abs(c)), 1);
  let lowestSlack = Number.POSITIVE_INFINITY;
  let chosen = 0;
  let prices = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      lowestSlack = Math.min(lowestSlack, cost[i * n + j] - rowDuals[i] - columnDuals[j]);
    }
    chosen += cost[i * n + rowToColumn[i]];
    prices += rowDuals[i] + columnDuals[i];
  }
  expect(lowestSlack).toBeGreaterThanOrEqual(-1e-11 * scale);
  expect(Math.abs(prices - total)).toBeLessThanOrEqual(1e-11 * scale * n);
  expect(total).toBe(chosen);
  return total;
}

describe("assignment", () => {
  it("costs what munkres and linear-sum-assignment find, on random costs", () => {
    for (const n of [1, 2, 3, 7, 20, 60]) {
      const cost = uniform(n * n, n);
      const total = expectProof(cost, n);
      const pairs = munkres(rowsOf(cost, n));
      expect(total).toBeCloseTo(
        pairs.reduce((sum, [i, j]) => sum + cost[i * n + j], 0),
        10,
      );
      if (n > 1)
        expect(total).toBeCloseTo(linearSumAssignment(rowsOf(cost, n), { maximaze: false }).gain, 10);
    }
  });

  it("finds the same permutation as munkres where the optimum is unique", () => {
    const cost = uniform(40 * 40, 5);
    const expected = new Int32Array(40);
    for (const [i, j] of munkres(rowsOf(cost, 40))) expected[i] = j;
    expect(assignment(cost, 40).rowToColumn).toEqual(expected);
  });

  it("is optimal on small integers full of ties", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.infiniteStream(fc.integer({ min: -2, max: 2 })),
        (n, stream) => {
          const cost = Float64Array.from({ length: n * n }, () => stream.next().value);
          const oracle = munkres(rowsOf(cost, n)).reduce((sum, [i, j]) => sum + cost[i * n + j], 0);
          expect(assignment(cost, n).total).toBe(oracle);
        },
      ),
    );
  });

  it("proves itself by its prices, on costs of any scale, structured and constant", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.nat(),
        fc.constantFrom(1e-12, 1, 1e9),
        fc.constantFrom(0, 1, 2),
        (n, seed, scale, structure) => {
          const noise = uniform(n * n, seed);
          const cost = noise.map((x, k) => {
            if (structure === 0) return scale * x;
            const i = Math.floor(k / n);
            const j = k % n;
            return structure === 1 ? scale * (i + 1) * (j + 1) : scale;
          });
          expectProof(cost, n);
        },
      ),
    );
  });

  it("ends and is optimal where bids differ by less than rounding", () => {
    const n = 40;
    const cost = uniform(n * n, 11).map((x) => 1 + 1e-15 * x);
    expectProof(cost, n);
  });

  it("proves itself on 512 units, on random costs and on squared distances between rows", () => {
    const n = 512;
    expectProof(uniform(n * n, 3), n);
    const rng = Rng.seed(4);
    const [source, target] = [0, 1].map(() => ({
      units: n,
      length: 8,
      data: rng.normals(n * 8),
      samples: 1,
    }));
    expectProof(groundCost(source, target, { ...otOptions.parse({}), squared: true }), n);
  });

  it("does not change when rows and columns gain constants", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), fc.nat(), (n, seed) => {
        const cost = uniform(n * n, seed);
        const shifts = uniform(2 * n, seed + 1);
        const shifted = cost.map((x, k) => x + 5 * shifts[Math.floor(k / n)] + 5 * shifts[n + (k % n)]);
        expect(assignment(shifted, n).rowToColumn).toEqual(assignment(cost, n).rowToColumn);
      }),
    );
  });

  it("leaves the cost as it was and takes an empty one", () => {
    const cost = uniform(25, 1);
    const before = cost.slice();
    assignment(cost, 5);
    expect(cost).toEqual(before);
    expect(assignment(new Float64Array(0), 0)).toMatchObject({ total: 0 });
  });

  it("refuses another size and entries that are not finite", () => {
    expect(() => assignment(new Float64Array(5), 2)).toThrow(/5 entries.*need 4/s);
    expect(() => assignment(Float64Array.of(0, 1, Number.NaN, 0), 2)).toThrow(/row 1, column 0 is NaN/);
    expect(() => assignment(Float64Array.of(0, Number.POSITIVE_INFINITY, 1, 0), 2)).toThrow(
      /row 0, column 1/,
    );
  });
});
