import { Rng } from "@isthmus/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ScalingKernel } from "./scaling-kernel.js";

/** `logMass - log sum_k exp(potential[k] - scaled[k])`, as it is written. */
function plainly(logMass: number, potential: Float64Array, scaled: readonly number[]): number {
  const exponents = scaled.map((cost, k) => potential[k]! - cost);
  const largest = Math.max(...exponents);
  return logMass - largest - Math.log(exponents.reduce((sum, x) => sum + Math.exp(x - largest), 0));
}

function expectClose(found: Float64Array, expected: readonly number[]): void {
  expected.forEach((value, k) => {
    if (value === Number.NEGATIVE_INFINITY) expect(found[k]).toBe(value);
    else expect(Math.abs(found[k]! - value)).toBeLessThan(1e-11 * Math.max(1, Math.abs(value)));
  });
}

it("is the sum in the log domain, to 1e-11, while potentials creep and while they leap", () => {
  const size = fc.integer({ min: 1, max: 9 });
  const spread = fc.constantFrom(1, 50, 400, 3000, 1e6);
  fc.assert(
    fc.property(size, size, spread, fc.constantFrom(0, 0.3), fc.nat(), (n, m, cost, empty, seed) => {
      const rng = Rng.seed(seed);
      const draw = (count: number, scale: number) =>
        Float64Array.from({ length: count }, () => scale * (rng.uniform() - 0.2));
      const logMasses = (count: number) =>
        Float64Array.from({ length: count }, (_, k) =>
          Math.log(k > 0 && rng.uniform() < empty ? 0 : 0.1 + rng.uniform()),
        );
      const scaled = draw(n * m, cost);
      const [logA, logB] = [logMasses(n), logMasses(m)];
      const kernel = new ScalingKernel(scaled, n, m);
      for (const step of [0, 1, 90, 30, 500, 2, 1e5, 0.1]) {
        const move = (logMass: Float64Array) => {
          const by = draw(logMass.length, step);
          return logMass.map((x, k) => x + by[k]!);
        };
        const [f, g] = [move(logA), move(logB)];
        const row = (i: number) => [...scaled.subarray(i * m, (i + 1) * m)];
        const column = (j: number) => [...f].map((_, i) => scaled[i * m + j]!);
        expectClose(
          kernel.rowPotentials(g, logA),
          [...logA].map((mass, i) => plainly(mass, g, row(i))),
        );
        expectClose(
          kernel.columnPotentials(f, logB),
          [...logB].map((mass, j) => plainly(mass, f, column(j))),
        );
      }
    }),
    { numRuns: 200, seed: 1 },
  );
});

it("misses no term that was too small to be kept, but has grown", () => {
  const kernel = new ScalingKernel(Float64Array.of(500, 610), 1, 2);
  const [found] = kernel.rowPotentials(Float64Array.of(0, 100), Float64Array.of(0));
  expect(found).toBeCloseTo(500 - Math.log1p(Math.exp(-10)), 10);
});
