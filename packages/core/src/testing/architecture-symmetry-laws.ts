import { expect, it } from "vitest";
import { Rng } from "../numerics/rng.js";
import { gatherAxis, permuteUnits } from "../numerics/symmetry.js";
import { type ArchitectureCase, logitsIn, type Report, reportsOf } from "./architecture-case.js";
import { largestDifference } from "./measure.js";

/** Differences that rounding makes: sums run in another order. */
const ROUNDING = 1e-5;
const scaleOf = (values: Float32Array): number =>
  values.reduce((largest, x) => Math.max(largest, Math.abs(x)), 1);

/** A report with its units in another order. */
const reordered = ({ shape, values }: Report, order: ArrayLike<number>): Float32Array =>
  gatherAxis({ shape, data: values }, shape.length - 1, order).data;

/** Laws of the symmetry and of what `tap` sees: both name the same units. */
export function architectureSymmetryLaws(of: ArchitectureCase): void {
  const { model, free, params, data } = of;
  const orders = model.symmetry.map(({ name, size }) => {
    const order = Rng.seed(1).fork(name).permutation(size);
    return { name, order, permuted: permuteUnits(model, params, new Map([[name, order]])) };
  });

  it("has unit groups whose axes have the group's size", () => {
    for (const { size, axes } of model.symmetry) {
      for (const { parameter, axis } of axes) {
        expect(model.parameters.find(({ name }) => name === parameter)?.shape[axis]).toBe(size);
      }
      expect(axes.some(({ side }) => side === "incoming")).toBe(true);
      expect(axes.some(({ side }) => side === "outgoing")).toBe(true);
    }
  });

  it("computes the same function with its hidden units permuted, in every group, in training as well", () => {
    for (const context of [{ training: false }, { training: true, rng: Rng.seed(3) }]) {
      const logits = logitsIn(free, params, data, context);
      for (const { name, permuted } of orders) {
        const difference = largestDifference(logitsIn(free, permuted, data, context), logits);
        expect(difference, `${name}, training: ${context.training}`).toBeLessThan(ROUNDING * scaleOf(logits));
      }
    }
  });

  it("shows every group's pre- and post-activations, units last, and computes the same when watched", () => {
    const reports = reportsOf(of, params);
    for (const { name, size } of model.symmetry) {
      for (const stage of ["pre", "post"]) {
        const own = reports.filter((report) => report.group === name && report.stage === stage);
        expect(own.length, `${name} ${stage}`).toBeGreaterThan(0);
        for (const { shape } of own) expect([shape[0], shape.at(-1)]).toEqual([data.count, size]);
      }
    }
    const [watched, alone] = [{ activation: () => {} }, {}].map((tap) =>
      logitsIn(free, params, data, { training: true, rng: Rng.seed(3), tap }),
    ) as [Float32Array, Float32Array];
    expect(largestDifference(watched, alone)).toBeLessThan(ROUNDING * scaleOf(alone));
  });

  it("shows the activations of a permuted group permuted, and those of all others as they were", () => {
    const before = reportsOf(of, params);
    for (const { name, order, permuted } of orders) {
      reportsOf(of, permuted).forEach((report, i) => {
        const expected = before[i] as Report;
        expect([report.group, report.stage]).toEqual([expected.group, expected.stage]);
        const values = report.group === name ? reordered(expected, order) : expected.values;
        const difference = largestDifference(report.values, values);
        expect(difference, `${report.group} with ${name} permuted`).toBeLessThan(ROUNDING * scaleOf(values));
      });
    }
  });
}
