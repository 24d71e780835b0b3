import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { expectClose, expectSameAsCpu, outcomeOn, tensor } from "../testing/compare.js";
import { describeWithBlas } from "../testing/with-blas.js";

const extent = fc.integer({ min: 1, max: 40 });

describeWithBlas("matMul", () => {
  it("agrees with the cpu backend for every size and both flags", async () => {
    await fc.assert(
      fc.asyncProperty(extent, extent, extent, fc.boolean(), fc.boolean(), async (m, n, k, ta, tb) => {
        await expectSameAsCpu(() =>
          tf.matMul(tensor(ta ? [k, m] : [m, k], 1), tensor(tb ? [n, k] : [k, n], 2), ta, tb),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("multiplies batches, and one matrix with a batch of them", async () => {
    const shapes: [number[], number[]][] = [
      [
        [3, 4, 5],
        [3, 5, 6],
      ],
      [
        [2, 3, 4, 5],
        [2, 3, 5, 6],
      ],
      [
        [2, 3, 4, 5],
        [5, 6],
      ],
      [
        [4, 5],
        [3, 5, 6],
      ],
      [
        [1, 4, 5],
        [3, 5, 6],
      ],
      [
        [2, 3, 4, 5],
        [3, 5, 6],
      ],
      [
        [0, 4, 5],
        [0, 5, 6],
      ],
      [
        [3, 0, 5],
        [3, 5, 6],
      ],
      [
        [3, 4, 0],
        [3, 0, 6],
      ],
    ];
    for (const [a, b] of shapes) {
      const swap = (shape: number[]) => [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];
      for (const ta of [false, true]) {
        for (const tb of [false, true]) {
          await expectSameAsCpu(() =>
            tf.matMul(tensor(ta ? swap(a) : a, 3), tensor(tb ? swap(b) : b, 4), ta, tb),
          );
        }
      }
    }
  });

  it("broadcasts leading axes against each other, each by its own index", async () => {
    const [one] = await outcomeOn("blas", () => tf.matMul(tensor([2, 1, 3, 4], 5), tensor([1, 3, 4, 2], 6)));
    expect(one!.shape).toEqual([2, 3, 3, 2]);
    const parts = await outcomeOn("cpu", () => {
      const rows = tf.unstack(tensor([2, 3, 4], 5));
      const columns = tf.unstack(tensor([3, 4, 2], 6));
      return tf.stack(rows.flatMap((row) => columns.map((column) => tf.matMul(row, column))));
    });
    expectClose(one!.values, parts[0]!.values);
  });

  it("carries NaN and infinities into the rows and columns they belong to", async () => {
    await expectSameAsCpu(() => tf.matMul(tensor([9, 7], 7, 0.05), tensor([7, 8], 8, 0.05)));
  });

  it("refuses inner sizes that differ, as TensorFlow.js does", async () => {
    await tf.setBackend("blas");
    expect(() => tf.matMul(tf.ones([2, 3]), tf.ones([2, 3]))).toThrow(/inner/i);
    expect(() => tf.matMul(tf.ones([2, 2]), tf.ones([2]))).toThrow(/inner/i);
  });

  it("leaves other types to the cpu backend", async () => {
    await expectSameAsCpu(() =>
      tf.matMul(tf.tensor2d([[1, 2]], [1, 2], "int32"), tf.tensor2d([[3], [4]], [2, 1], "int32")),
    );
  });
});

describeWithBlas("fused matMul", () => {
  const activations = ["linear", "relu", "relu6", "elu", "leakyrelu", "prelu", "sigmoid"] as const;
  it("agrees with the cpu backend for every activation, with and without a bias, NaN included", async () => {
    for (const activation of activations) {
      for (const bias of [undefined, [6], [1, 6], [4, 6], [1]]) {
        await expectSameAsCpu(() =>
          tf.fused.matMul({
            a: tensor([4, 5], 1, 0.03),
            b: tensor([5, 6], 2),
            activation,
            leakyreluAlpha: 0.3,
            ...(bias && { bias: tensor(bias, 3) }),
            ...(activation === "prelu" && { preluActivationWeights: tensor([1, 6], 4) }),
          }),
        );
      }
    }
  });
});
