import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { expectSameAsCpu, outcomeOn, tensor } from "../testing/compare.js";
import { describeWithBlas } from "../testing/with-blas.js";

const reduction = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }).chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    axes: fc.subarray(shape.map((_, axis) => axis)),
    keepDims: fc.boolean(),
    special: fc.constantFrom(0, 0.1),
  }),
);

describeWithBlas("reductions", () => {
  for (const [name, op] of [
    ["sum", tf.sum],
    ["mean", tf.mean],
    ["max", tf.max],
  ] as const) {
    it(`${name} agrees with the cpu backend along any axes, NaN and infinities included`, async () => {
      await fc.assert(
        fc.asyncProperty(reduction, async ({ shape, axes, keepDims, special }) => {
          fc.pre(name !== "max" || !shape.includes(0));
          await expectSameAsCpu(() => op(tensor(shape, 1, special), axes, keepDims));
        }),
        { numRuns: 80 },
      );
    });
  }

  it("argMax agrees with the cpu backend along any axis, ties and NaN included", async () => {
    for (const axis of [0, 1, 2, -1]) {
      await expectSameAsCpu(() => [
        tf.argMax(tensor([4, 5, 6], 1, 0.2), axis),
        tf.argMax(tf.round(tensor([4, 5, 6], 2)), axis),
      ]);
    }
  });

  it("a sum of a million numbers is exact to single precision", async () => {
    const [outcome] = await outcomeOn("blas", () => tf.sum(tf.fill([1000, 1000], 0.1)));
    expect(outcome!.values[0]).toBe(Math.fround(Math.fround(0.1) * 1e6));
  });
});
