import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contourLevels, type Polygons, regionAbove } from "./contours.js";

/** Area of polygons with holes, by the shoelace formula. */
function areaOf(polygons: Polygons): number {
  const ring = (points: Polygons[number][number]) =>
    Math.abs(
      points.reduce(
        (sum, [x, y], i) => sum + x * (points.at(i - 1)?.[1] ?? 0) - y * (points.at(i - 1)?.[0] ?? 0),
        0,
      ),
    ) / 2; // prettier-ignore
  return polygons.reduce(
    (sum, [outer, ...holes]) => sum + ring(outer) - holes.reduce((h, hole) => h + ring(hole), 0),
    0,
  );
}

describe("contour levels", () => {
  it("are seven, each twice as far above the minimum as the one before", () => {
    expect(contourLevels([0, 12.8, 3])).toEqual([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4]);
    expect(contourLevels([2, 2 + 12.8])).toEqual([2.1, 2.2, 2.4, 2.8, 3.6, 5.2, 8.4]);
  });

  it("rise from above the minimum to below the maximum, whatever the values", () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 9 });
    fc.assert(
      fc.property(values, (given) => {
        const levels = contourLevels([...given, Number.NaN, Number.POSITIVE_INFINITY]);
        const all = [Math.min(...given), ...levels, Math.max(...given)];
        if (levels.length > 0) expect(all.slice(1).every((each, i) => each > all[i])).toBe(true);
      }),
    );
  });

  it("are none where all values are equal", () => {
    expect(contourLevels([3, 3, 3])).toEqual([]);
  });
});

describe("the region above a level", () => {
  const grid = (f: (column: number, row: number) => number, side = 41) => ({
    columns: side,
    rows: side,
    values: Array.from({ length: side * side }, (_, i) => f(i % side, Math.floor(i / side))),
  });

  it("of a cone is a disk at its place", () => {
    const cone = grid((column, row) => 12 - Math.hypot(column - 15, row - 25));
    const region = regionAbove(cone, 2);
    expect(areaOf(region) / (Math.PI * 10 ** 2)).toBeCloseTo(1, 1);
    for (const [x, y] of region.flat(2)) expect(Math.hypot(x - 15, y - 25)).toBeCloseTo(10, 0);
  });

  it("around a pit has a hole", () => {
    const [polygon] = regionAbove(
      grid((column, row) => Math.hypot(column - 20, row - 20)),
      8,
    );
    expect(polygon).toHaveLength(2);
  });

  it("counts values that are not finite as above", () => {
    const region = regionAbove(
      grid((column) => (column > 20 ? Number.POSITIVE_INFINITY : 0)),
      1,
    );
    expect(Math.min(...region.flat(2).map(([x]) => x))).toBeGreaterThan(20);
    expect(Math.min(...region.flat(2).map(([x]) => x))).toBeLessThan(21);
  });
});
