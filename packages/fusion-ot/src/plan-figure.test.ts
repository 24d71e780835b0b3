import { describe, expect, it } from "vitest";
import { planFigure } from "./plan-figure.js";

interface Drawn {
  readonly title: string | { readonly text: string; readonly subtitle: string };
  readonly width: number;
  readonly height: number;
  readonly data: { readonly values: readonly { source: number; target: number; mass: number }[] };
}
const draw = (plan: Float64Array, n: number, m: number) =>
  planFigure("Transport", plan, n, m) as unknown as Drawn;

describe("planFigure", () => {
  it("draws a permutation of 400 units cell by cell, a whole pixel or more each", () => {
    const plan = new Float64Array(400 * 400);
    for (let i = 0; i < 400; i++) plan[i * 400 + ((7 * i) % 400)] = 1 / 400;
    const { title, width, height, data } = draw(plan, 400, 400);
    expect({ title, width, height }).toEqual({ title: "Transport", width: 400, height: 400 });
    expect(data.values).toEqual(
      Array.from({ length: 400 }, (_, i) => ({ source: i, target: (7 * i) % 400, mass: 1 / 400 })),
    );
  });

  it("leaves out what has the color of an empty cell", () => {
    const { data } = draw(Float64Array.of(0.4, 1e-4, 0, 0.5996), 2, 2);
    expect(data.values.map(({ mass }) => mass)).toEqual([0.4, 0.5996]);
  });

  it("pools a large plan that is not sparse to the greatest of each block, and says so", () => {
    const plan = Float64Array.from({ length: 200 * 100 }, (_, k) => 1 + ((k * 7919) % 101));
    const { title, data } = draw(plan, 200, 100);
    expect(title).toEqual({
      text: "Transport",
      subtitle: "200 × 100 units; each cell is the greatest of 4 × 4",
    });
    expect(data.values).toHaveLength(50 * 25);
    for (const { source, target, mass } of data.values.slice(0, 100)) {
      const block = [0, 1, 2, 3].flatMap((i) =>
        [0, 1, 2, 3].map((j) => plan[(source + i) * 100 + target + j]),
      );
      expect(mass).toBe(Math.max(...block));
    }
  });

  it("keeps the shape of a plan between unequal widths", () => {
    const { width, height } = draw(new Float64Array(20 * 10).fill(1), 20, 10);
    expect([width, height]).toEqual([160, 320]);
  });
});
