import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coneWeights } from "./cone.js";

const value = fc.double({ min: -2, max: 2, noNaN: true, noDefaultInfinity: true });
const vectors = fc
  .integer({ min: 1, max: 4 })
  .chain((count) =>
    fc.array(fc.array(value, { minLength: 5, maxLength: 5 }), { minLength: count + 1, maxLength: count + 1 }),
  );
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, each, i) => sum + each * b[i], 0);
const products = (all: readonly (readonly number[])[]) => all.flatMap((a) => all.map((b) => dot(a, b)));
const bend = (g: readonly number[], references: readonly (readonly number[])[], v: readonly number[]) =>
  g.map((each, i) => references.reduce((sum, r, k) => sum + v[k] * r[i], each));

describe("a gradient bent into the cone of its references", () => {
  it("opposes none of them, and is the nearest that does not", () => {
    fc.assert(
      fc.property(vectors, fc.array(value, { minLength: 5, maxLength: 5 }), ([g, ...references], other) => {
        const lengths = references.map((r) => Math.sqrt(dot(r, r)));
        fc.pre(lengths.every((length) => length > 1e-2));
        const v = coneWeights(products([g, ...references]), 0) ?? references.map(() => 0);
        const bent = bend(g, references, v);
        const least = Math.min(...references.map((r, k) => dot(bent, r) / lengths[k]));
        expect(least).toBeGreaterThan(-2e-3);
        // Whatever else is in the cone is on the far side of the plane through the nearest point.
        if (!references.every((r) => dot(other, r) >= 0)) return;
        const away = bent.map((each, i) => each - g[i]);
        expect(
          dot(
            away,
            other.map((each, i) => each - bent[i]),
          ),
        ).toBeGreaterThan(-1e-2 * (1 + dot(g, g)));
      }),
      { numRuns: 300 },
    );
  });

  it("loses its part along the only reference that it opposes", () => {
    const [g, r] = [
      [1, 2, -1],
      [0, -2, 1],
    ];
    const [v] = coneWeights(products([g, r]), 0) ?? [];
    expect(v).toBeCloseTo(-dot(g, r) / dot(r, r), 4);
  });

  it("is left as it is where it opposes none, whatever the margin", () => {
    expect(
      coneWeights(
        products([
          [1, 1],
          [1, 0],
          [0, 1],
        ]),
        0.5,
      ),
    ).toBeUndefined();
  });

  it("goes at least the margin along every reference where it opposes one", () => {
    const all = [
      [-1, 1],
      [1, 0],
      [0, 2],
    ];
    expect(coneWeights(products(all), 0)).toEqual([expect.closeTo(1, 4), 0]);
    expect(coneWeights(products(all), 0.5)).toEqual([expect.closeTo(1, 4), 0.5]);
    expect(coneWeights(products(all), 3)).toEqual([3, 3]);
  });

  it("does without references of length 0, and with two that are the same", () => {
    expect(
      coneWeights(
        products([
          [-1, 1],
          [0, 0],
          [1, 0],
        ]),
        0,
      ),
    ).toEqual([0, expect.closeTo(1, 4)]);
    const [a, b] =
      coneWeights(
        products([
          [-1, 1],
          [1, 0],
          [1, 0],
        ]),
        0,
      ) ?? [];
    expect(a + b).toBeCloseTo(1, 4);
  });

  it("comes out of products that rounding has left impossible", () => {
    // Cosines above 1 between references: no vectors have these products.
    const above = 1 + 2e-4;
    const v = coneWeights([1, -1, -1, -1, 1, above, -1, above, 1], 0) ?? [];
    expect(v.every((each) => each >= 0 && each < 2)).toBe(true);
    expect(v[0] + v[1]).toBeCloseTo(1, 3);
  });
});
