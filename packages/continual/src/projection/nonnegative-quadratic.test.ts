import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Matrix, minimizeNonnegative } from "./nonnegative-quadratic.js";

const value = fc.double({ min: -3, max: 3, noNaN: true, noDefaultInfinity: true });

/** Q = A Aᵀ + r I of `n` variables, and b. */
const problems = fc
  .integer({ min: 1, max: 6 })
  .chain((n) =>
    fc.record({
      rows: fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { minLength: n, maxLength: n }),
      ridge: fc.constantFrom(1e-6, 0.1, 1),
      b: fc.array(value, { minLength: n, maxLength: n }),
    }),
  )
  .map(({ rows, ridge, b }) => ({
    Q: rows.map((a, i) =>
      rows.map((c, j) => a.reduce((sum, each, k) => sum + each * c[k], i === j ? ridge : 0)),
    ),
    b,
  }));

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, each, i) => sum + each * b[i], 0);
const height = (Q: Matrix, b: readonly number[], x: readonly number[]) =>
  dot(
    x,
    Q.map((row, i) => dot(row, x) / 2 + b[i]),
  );

/** Solution of Q x = r by Gauss & Jordan with pivots. */
function eliminate(Q: Matrix, r: readonly number[]): number[] {
  const rows = Q.map((row, i) => [...row, r[i]]);
  rows.forEach((_, k) => {
    const pivot = rows.findIndex(
      (row, i) => i >= k && Math.abs(row[k]) === Math.max(...rows.slice(k).map((each) => Math.abs(each[k]))),
    );
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    rows.forEach((row, i) => {
      if (i === k) return;
      const factor = row[k] / rows[k][k];
      rows[i] = row.map((each, j) => each - factor * rows[k][j]);
    });
  });
  return rows.map((row, k) => row[r.length] / row[k]);
}

/** The least height over all choices of variables that are 0. */
function byBruteForce(Q: Matrix, b: readonly number[]): number {
  let least = 0;
  for (let set = 1; set < 2 ** b.length; set++) {
    const free = b.map((_, i) => i).filter((i) => (set >> i) & 1);
    const found = eliminate(
      free.map((i) => free.map((j) => Q[i][j])),
      free.map((i) => -b[i]),
    );
    if (!found.every((each) => each >= 0)) continue;
    const x = b.map((_, i) => (free.includes(i) ? found[free.indexOf(i)] : 0));
    least = Math.min(least, height(Q, b, x));
  }
  return least;
}

describe("the least of a quadratic form over x ≥ 0", () => {
  it("is as low as that of the best active set", () => {
    fc.assert(
      fc.property(problems, ({ Q, b }) => {
        const x = minimizeNonnegative(Q, b);
        const least = byBruteForce(Q, b);
        expect(height(Q, b, x)).toBeLessThanOrEqual(least + 1e-7 * (1 + Math.abs(least)));
      }),
    );
  });

  it("meets the conditions of Karush, Kuhn and Tucker", () => {
    fc.assert(
      fc.property(problems, ({ Q, b }) => {
        const x = minimizeNonnegative(Q, b);
        Q.forEach((row, i) => {
          const slope = dot(row, x) + b[i];
          const scale = row.reduce((sum, q, j) => sum + Math.abs(q * x[j]), 1);
          expect(x[i]).toBeGreaterThanOrEqual(0);
          expect(slope).toBeGreaterThanOrEqual(-1e-8 * scale);
          if (x[i] > 0) expect(Math.abs(slope)).toBeLessThan(1e-8 * scale);
        });
      }),
    );
  });

  it("of a diagonal form is max(0, -b / q)", () => {
    const x = minimizeNonnegative(
      [
        [2, 0, 0],
        [0, 4, 0],
        [0, 0, 1],
      ],
      [-2, 4, -3],
    );
    expect(x).toEqual([expect.closeTo(1, 12), 0, expect.closeTo(3, 12)]);
  });

  it("of dozens of variables that nearly depend on each other is found too", () => {
    const n = 60;
    const rows = Array.from({ length: n }, (_, i) =>
      Array.from({ length: 8 }, (_, k) => Math.sin(7 * i + 3 * k * k + i * k)),
    );
    const Q = rows.map((a, i) => rows.map((c, j) => dot(a, c) + (i === j ? 1e-8 : 0)));
    const b = rows.map((a) => dot(a, [1, -2, 3, -1, 2, 0.5, -0.3, 1]));
    const x = minimizeNonnegative(Q, b);
    Q.forEach((row, i) => {
      const slope = dot(row, x) + b[i];
      expect(x[i]).toBeGreaterThanOrEqual(0);
      expect(x[i] > 0 ? Math.abs(slope) : Math.max(0, -slope)).toBeLessThan(1e-6);
    });
  });
});
