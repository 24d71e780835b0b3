import { describe, expect, it } from "vitest";
import type { Params } from "../../contracts/params.js";
import { toyInputs } from "../../testing/fixtures.js";
import { linearCombination } from "../params.js";
import { planeGrid, planeThrough } from "./plane.js";

const vector = (...values: number[]): Params =>
  new Map([["w", { shape: [values.length], data: Float32Array.from(values) }]]);
const distance = (p: Params, q: Params) =>
  Math.sqrt(
    [...p].reduce(
      (sum, [name, { data }]) =>
        sum + data.reduce((s, v, i) => s + (v - (q.get(name)?.data[i] ?? 0)) ** 2, 0),
      0,
    ),
  );

describe("a plane through three networks", () => {
  const [a, b, c, d] = toyInputs(4).map(({ params }) => params);
  const plane = planeThrough(a, b, c);
  const at = (x: number, y: number) => linearCombination(plane.coefficients({ x, y }), [a, b, c]);

  it("has its corners as far from each other as the networks are", () => {
    const [p, q, r] = plane.corners;
    expect(p).toEqual({ x: 0, y: 0 });
    expect(q.x).toBeCloseTo(distance(a, b), 10);
    expect(q.y).toBe(0);
    expect(Math.hypot(r.x, r.y)).toBeCloseTo(distance(a, c), 10);
    expect(Math.hypot(r.x - q.x, r.y - q.y)).toBeCloseTo(distance(b, c), 10);
    expect(r.y).toBeGreaterThan(0);
  });

  it("has the networks themselves at its corners, and keeps distances everywhere", () => {
    for (const [i, { x, y }] of plane.corners.entries())
      expect(distance(at(x, y), [a, b, c][i])).toBeLessThan(1e-5);
    expect(distance(at(-1, 2), at(3, 5))).toBeCloseTo(5, 4);
  });

  it("projects orthogonally: a network of the plane on itself, another one on the nearest", () => {
    const on = plane.project(at(0.7, -1.3));
    expect(on.x).toBeCloseTo(0.7, 5);
    expect(on.y).toBeCloseTo(-1.3, 5);
    expect(on.distance).toBeLessThan(1e-5);
    const { x, y, distance: off } = plane.project(d);
    expect(off).toBeCloseTo(distance(at(x, y), d), 5);
    for (const [dx, dy] of [
      [0.3, 0],
      [-0.3, 0],
      [0, 0.4],
      [0, -0.4],
    ]) {
      expect(distance(at(x + dx, y + dy), d)).toBeCloseTo(Math.hypot(off, dx, dy), 4);
    }
  });

  it("is the plane of the coordinates where the networks are known", () => {
    const flat = planeThrough(vector(1, 1, 0), vector(3, 1, 0), vector(2, 4, 0));
    expect(flat.corners).toEqual([
      { x: 0, y: 0 },
      { x: 2, y: 0 },
      { x: 1, y: 3 },
    ]);
    expect(flat.coefficients({ x: 1, y: 1.5 })).toEqual([0.25, 0.25, 0.5]);
    expect(flat.project(vector(2, 0, 5))).toEqual({ x: 1, y: -1, distance: 5 });
  });

  it("counts the named parameters only", () => {
    const pair = (w: number[], m: number): Params =>
      new Map([...vector(...w), ["mean", { shape: [1], data: Float32Array.of(m) }]]);
    const plane = planeThrough(pair([0, 0], 7), pair([4, 0], -100), pair([0, 3], 8), ["w"]);
    expect(plane.corners[1]).toEqual({ x: 4, y: 0 });
    expect(plane.project(pair([1, 2], 999))).toEqual({ x: 1, y: 2, distance: 0 });
  });

  it("is none through networks on a line", () => {
    expect(() => planeThrough(a, a, c)).toThrow(RangeError);
    expect(() => planeThrough(a, b, linearCombination([-1, 2], [a, b]))).toThrow(RangeError);
    expect(() => planeThrough(a, b, a)).toThrow("on one line");
  });
});

describe("a grid of a plane", () => {
  const plane = planeThrough(vector(0, 0), vector(2, 0), vector(1, 3));

  it("fills the box of its points and a margin, row by row", () => {
    const { x, y, coefficients } = planeGrid(plane, { steps: 3, margin: 0.5 });
    expect(x).toEqual([-1, 1, 3]);
    expect(y).toEqual([-1.5, 1.5, 4.5]);
    expect(coefficients).toHaveLength(9);
    expect(coefficients[2]).toEqual(plane.coefficients({ x: 3, y: -1.5 }));
    expect(coefficients[3]).toEqual(plane.coefficients({ x: -1, y: 1.5 }));
  });

  it("makes room for further points", () => {
    const { x, y } = planeGrid(plane, {
      steps: 2,
      margin: 0,
      around: [
        { x: -4, y: 1 },
        { x: 1, y: 8 },
      ],
    });
    expect(x).toEqual([-4, 2]);
    expect(y).toEqual([0, 8]);
  });

  it("needs two points on each side", () => {
    expect(() => planeGrid(plane, { steps: 1 })).toThrow(RangeError);
  });
});
