import { describe, expect, it } from "vitest";
import { ROW_COLORS, rowColors } from "./row-colors.js";

/** Simulates dichromats on linear RGB (Viénot, Brettel & Mollon 1999), rows of the matrices. */
const VISION = {
  protanopia: [
    [0.11238, 0.88762, 0],
    [0.11238, 0.88762, 0],
    [0.00401, -0.00401, 1],
  ],
  deuteranopia: [
    [0.29275, 0.70725, 0],
    [0.29275, 0.70725, 0],
    [-0.02234, 0.02234, 1],
  ],
};

function linear(color: string): number[] {
  return [1, 3, 5].map((at) => (Number.parseInt(color.slice(at, at + 2), 16) / 255) ** 2.2);
}

/** Distance of two colors in CIE L*a*b* (ΔE 1976), from linear RGB. */
function distance(a: readonly number[], b: readonly number[]): number {
  const lab = ([r, g, bl]: readonly number[]) => {
    const xyz = [
      (0.4124 * r + 0.3576 * g + 0.1805 * bl) / 0.9505,
      0.2126 * r + 0.7152 * g + 0.0722 * bl,
      (0.0193 * r + 0.1192 * g + 0.9505 * bl) / 1.089,
    ];
    const [x, y, z] = xyz.map((t) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116));
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  };
  const [p, q] = [lab(a), lab(b)];
  return Math.hypot(...p.map((value, i) => value - q[i]));
}

describe("colors of rows", () => {
  it("can be told apart by people who see no red or no green", () => {
    for (const matrix of Object.values(VISION)) {
      const seen = ROW_COLORS.map(linear).map((rgb) =>
        matrix.map((row) =>
          Math.max(
            0,
            row.reduce((sum, weight, i) => sum + weight * rgb[i], 0),
          ),
        ),
      );
      for (let i = 0; i < seen.length; i++) {
        for (let j = 0; j < i; j++) expect(distance(seen[i], seen[j])).toBeGreaterThan(10);
      }
    }
  });

  it("are one per row, in order, and begin again after the last", () => {
    const rows = Array.from({ length: 10 }, (_, i) => `row ${i}`);
    const colors = rowColors([...rows, "row 0"]);
    expect([...colors.keys()]).toEqual(rows);
    expect([...colors.values()]).toEqual([...ROW_COLORS, ...ROW_COLORS.slice(0, 2)]);
  });
});
