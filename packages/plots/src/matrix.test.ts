import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extent, maxPool } from "./matrix.js";

describe("extent", () => {
  it("ignores elements that are not finite", () => {
    expect(extent({ values: [Number.NaN, 3, -1, Number.POSITIVE_INFINITY], rows: 2, columns: 2 })).toEqual([
      -1, 3,
    ]);
  });

  it("has a width even where all elements are equal or none is finite", () => {
    expect(extent({ values: [2, 2], rows: 1, columns: 2 })).toEqual([2, 3]);
    expect(extent({ values: [Number.NaN], rows: 1, columns: 1 })).toEqual([0, 1]);
  });
});

describe("maxPool", () => {
  it("leaves a matrix within the limit as it is", () => {
    const { values, rows, columns, block } = maxPool({ values: [1, 2, 3, 4, 5, 6], rows: 2, columns: 3 }, 3);
    expect({ values: [...(values as Float64Array)], rows, columns, block }).toEqual({
      values: [1, 2, 3, 4, 5, 6],
      rows: 2,
      columns: 3,
      block: [1, 1],
    });
  });

  it("keeps the greatest element of each block, partial ones at the edges included", () => {
    const pooled = maxPool({ values: [1, 2, 3, 4, Number.NaN, 6, -7, 8, -9], rows: 3, columns: 3 }, 2);
    expect([...(pooled.values as Float64Array)]).toEqual([4, 6, 8, -9]);
    expect(pooled.block).toEqual([2, 2]);
  });

  it("never goes over the limit and never loses the greatest element", () => {
    const sizes = fc.record({
      rows: fc.integer({ min: 1, max: 23 }),
      columns: fc.integer({ min: 1, max: 23 }),
    });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 9 }), fc.nat(), ({ rows, columns }, limit, seed) => {
        const values = Array.from({ length: rows * columns }, (_, i) => ((i + seed) * 7919) % 101);
        const pooled = maxPool({ values, rows, columns }, limit);
        expect(Math.max(pooled.rows, pooled.columns)).toBeLessThanOrEqual(limit);
        expect(Math.max(...Array.from(pooled.values))).toBe(Math.max(...values));
      }),
    );
  });
});
