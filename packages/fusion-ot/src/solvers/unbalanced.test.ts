import { Rng } from "@isthmus/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sinkhorn } from "./sinkhorn.js";
import { unbalanced } from "./unbalanced.js";

const settings = {
  regularization: 0.1,
  marginalRegularization: 0.5,
  maxIterations: 20000,
  tolerance: 1e-13,
};
const uniforms = (size: number, rng: Rng) => Float64Array.from({ length: size }, () => 0.1 + rng.uniform());
const flat = (size: number) => new Float64Array(size).fill(1 / size);

/** The objective that the solver minimizes, written out. */
function objective(
  plan: Float64Array,
  cost: Float64Array,
  a: Float64Array,
  b: Float64Array,
  { regularization, marginalRegularization }: typeof settings,
): number {
  const divergence = (x: Float64Array, y: Float64Array) =>
    x.reduce((sum, value, i) => sum + value * Math.log(value / y[i]) - value + y[i], 0);
  const rows = new Float64Array(a.length);
  const columns = new Float64Array(b.length);
  let total = 0;
  plan.forEach((p, k) => {
    rows[Math.floor(k / b.length)] += p;
    columns[k % b.length] += p;
    total += p * cost[k] + regularization * p * (Math.log(p) - 1);
  });
  return total + marginalRegularization * (divergence(rows, a) + divergence(columns, b));
}

describe("unbalanced", () => {
  it("is the closed form for one by one", () => {
    // Derivative: c + ε log p + ρ log(p / a) + ρ log(p / b) = 0.
    const [c, a, b] = [0.7, 2, 0.5];
    const { regularization: e, marginalRegularization: r } = settings;
    const p = Math.exp((r * Math.log(a * b) - c) / (e + 2 * r));
    const { plan, converged } = unbalanced(
      Float64Array.of(c),
      Float64Array.of(a),
      Float64Array.of(b),
      settings,
    );
    expect(converged).toBe(true);
    expect(plan[0]).toBeCloseTo(p, 12);
  });

  it("has a lower objective than every plan near it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.nat(), (n, m, seed) => {
        const rng = Rng.seed(seed);
        const [cost, a, b] = [n * m, n, m].map((size) => uniforms(size, rng));
        const { plan } = unbalanced(cost, a, b, settings);
        const least = objective(plan, cost, a, b, settings);
        for (let trial = 0; trial < 20; trial++) {
          const near = plan.map((p) => p * Math.exp(0.02 * (rng.uniform() - 0.5)));
          expect(objective(near, cost, a, b, settings)).toBeGreaterThan(least - 1e-12);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("keeps the masses the better, the more they weigh, and becomes balanced transport", () => {
    const rng = Rng.seed(2);
    const cost = uniforms(20, rng);
    const [a, b] = [flat(4), flat(5)];
    const balanced = sinkhorn(cost, a, b, settings).plan;
    const difference = (marginalRegularization: number) => {
      const { plan } = unbalanced(cost, a, b, { ...settings, marginalRegularization });
      return Math.max(...plan.map((p, k) => Math.abs(p - balanced[k])));
    };
    const differences = [0.1, 1, 10, 1000].map(difference);
    expect(differences).toEqual(differences.toSorted((x, y) => y - x));
    expect(differences[3]).toBeLessThan(1e-4);
  });

  it("leaves rows and columns without mass empty", () => {
    const { plan, converged } = unbalanced(
      Float64Array.of(1, 2, 3, 4),
      Float64Array.of(1, 0),
      Float64Array.of(0, 1),
      settings,
    );
    expect(converged).toBe(true);
    expect([...plan].map((p) => p > 0)).toEqual([false, true, false, false]);
  });

  it("says so where it runs out of iterations", () => {
    const cost = uniforms(100, Rng.seed(3));
    const ones = new Float64Array(10).fill(1);
    expect(unbalanced(cost, ones, ones, { ...settings, maxIterations: 2 })).toMatchObject({
      converged: false,
      iterations: 2,
    });
  });

  it("refuses settings out of range and bad masses, not unequal ones", () => {
    const cost = new Float64Array(4);
    const refuse = (more: object, message: RegExp) =>
      expect(() => unbalanced(cost, flat(2), flat(2), { ...settings, ...more })).toThrow(message);
    refuse({ marginalRegularization: 0 }, /marginalRegularization is 0/);
    refuse({ regularization: -1 }, /regularization is -1/);
    refuse({ tolerance: -1 }, /tolerance is -1/);
    expect(() => unbalanced(cost, flat(2), new Float64Array(2), settings)).toThrow(/total mass 0/);
    expect(() => unbalanced(cost, flat(2), Float64Array.of(3, 4), settings)).not.toThrow();
  });
});
