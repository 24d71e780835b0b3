import { Rng } from "@isthmus/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sinkhorn } from "./sinkhorn.js";
import { transport } from "./transport.js";

const settings = { regularization: 0.1, maxIterations: 20000, tolerance: 1e-12 };
const uniforms = (size: number, rng: Rng) => Float64Array.from({ length: size }, () => rng.uniform());
const flat = (size: number) => new Float64Array(size).fill(1 / size);
const normalized = (masses: Float64Array) => {
  const total = masses.reduce((sum, x) => sum + x, 0);
  return masses.map((x) => x / total);
};

describe("sinkhorn", () => {
  it("is the closed form for two by two", () => {
    // With uniform marginals the plan is [p, q; q, p], p + q = 1/2, and p/q = exp(-(c11 + c22 - c12 - c21) / 2ε).
    for (const regularization of [0.02, 0.3, 5]) {
      const cost = Float64Array.of(0.3, 0.9, 0.6, 0.1);
      const ratio = Math.exp(-(0.3 + 0.1 - 0.9 - 0.6) / (2 * regularization));
      const q = 0.5 / (1 + ratio);
      const { plan } = sinkhorn(cost, flat(2), flat(2), { ...settings, regularization });
      [0.5 - q, q, q, 0.5 - q].forEach((expected, k) => {
        expect(plan[k]).toBeCloseTo(expected, 10);
      });
    }
  });

  it("keeps both marginals, and reports how far it is from the rows'", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.nat(), (n, m, seed) => {
        const rng = Rng.seed(seed);
        const cost = uniforms(n * m, rng);
        const a = normalized(uniforms(n, rng));
        const b = normalized(uniforms(m, rng));
        const { plan, converged, marginalError, total } = sinkhorn(cost, a, b, {
          ...settings,
          tolerance: 1e-9,
        });
        expect(converged).toBe(true);
        let error = 0;
        let spent = 0;
        for (let i = 0; i < n; i++) {
          let sum = 0;
          for (let j = 0; j < m; j++) {
            sum += plan[i * m + j];
            spent += plan[i * m + j] * cost[i * m + j];
          }
          error += Math.abs(sum - a[i]);
        }
        expect(error).toBeLessThanOrEqual(1e-9 + 1e-13);
        expect(marginalError).toBeCloseTo(error, 12);
        expect(total).toBeCloseTo(spent, 12);
        for (let j = 0; j < m; j++) {
          let sum = 0;
          for (let i = 0; i < n; i++) sum += plan[i * m + j];
          expect(sum).toBeCloseTo(b[j], 12);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("comes down to the exact cost as the regularization goes to zero, within ε log(nm)", () => {
    const rng = Rng.seed(6);
    const cost = uniforms(12 * 9, rng);
    const a = normalized(uniforms(12, rng));
    const b = normalized(uniforms(9, rng));
    const exact = transport(cost, a, b).total;
    let previous = Number.POSITIVE_INFINITY;
    for (const regularization of [1, 0.3, 0.1, 0.03, 0.01, 0.003]) {
      const { total } = sinkhorn(cost, a, b, { ...settings, regularization, tolerance: 1e-10 });
      expect(total).toBeGreaterThanOrEqual(exact - 1e-9);
      expect(total - exact).toBeLessThanOrEqual(regularization * Math.log(12 * 9));
      expect(total).toBeLessThan(previous);
      previous = total;
    }
    expect(previous - exact).toBeLessThan(1e-3);
  });

  it("goes to the product of the marginals as the regularization grows", () => {
    const rng = Rng.seed(7);
    const cost = uniforms(20, rng);
    const a = normalized(uniforms(4, rng));
    const b = normalized(uniforms(5, rng));
    const { plan } = sinkhorn(cost, a, b, { ...settings, regularization: 1e9 });
    plan.forEach((mass, k) => {
      expect(mass).toBeCloseTo(a[Math.floor(k / 5)] * b[k % 5], 9);
    });
  });

  it("stays finite where exp(-cost/ε) underflows, and where rows and columns have no mass", () => {
    const cost = Float64Array.of(5000, 9000, 7000, 8000, 100, 6000);
    const { plan, converged } = sinkhorn(cost, Float64Array.of(1, 0), Float64Array.of(0.5, 0, 0.5), {
      ...settings,
      regularization: 1,
    });
    expect(converged).toBe(true);
    [0.5, 0, 0.5, 0, 0, 0].forEach((expected, k) => {
      expect(plan[k]).toBeCloseTo(expected, 12);
    });
  });

  it("says so where it runs out of iterations", () => {
    const cost = uniforms(100, Rng.seed(3));
    const result = sinkhorn(cost, flat(10), flat(10), {
      regularization: 1e-3,
      maxIterations: 2,
      tolerance: 1e-12,
    });
    expect(result).toMatchObject({ converged: false, iterations: 2 });
    expect(result.marginalError).toBeGreaterThan(1e-12);
  });

  it("refuses settings out of range and marginals that do not match", () => {
    const cost = new Float64Array(4);
    expect(() => sinkhorn(cost, flat(2), flat(2), { ...settings, regularization: 0 })).toThrow(
      /regularization is 0/,
    );
    expect(() => sinkhorn(cost, flat(2), flat(2), { ...settings, maxIterations: 0 })).toThrow(
      /maxIterations is 0/,
    );
    expect(() => sinkhorn(cost, flat(2), flat(2), { ...settings, tolerance: -1 })).toThrow(/tolerance is -1/);
    expect(() => sinkhorn(cost, flat(2), Float64Array.of(1, 1), settings)).toThrow(/unequal masses/);
  });
});
