import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { expectSameAsCpu, tensor } from "../testing/compare.js";
import { describeWithBlas } from "../testing/with-blas.js";

const shape = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 });
const types = ["float32", "int32", "bool"] as const;

describeWithBlas("kernels that move numbers", () => {
  it("transpose agrees with the cpu backend for every order of the axes and every type", async () => {
    const orders = shape.chain((lengths) =>
      fc.tuple(
        fc.constant(lengths),
        fc.shuffledSubarray(
          lengths.map((_, axis) => axis),
          { minLength: lengths.length },
        ),
      ),
    );
    await fc.assert(
      fc.asyncProperty(orders, fc.constantFrom(...types), async ([lengths, perm], dtype) => {
        await expectSameAsCpu(() => tf.transpose(tf.cast(tensor(lengths, 1), dtype), perm));
      }),
      { numRuns: 60 },
    );
    await expectSameAsCpu(() => [
      tf.transpose(tensor([70, 101], 1)),
      tf.transpose(tensor([3, 40, 50], 2), [0, 2, 1]),
    ]);
  });

  it("slice agrees with the cpu backend, in one piece or not", async () => {
    const blocks = shape.chain((lengths) =>
      fc.tuple(
        fc.constant(lengths),
        fc.tuple(...lengths.map((length) => fc.nat({ max: length }))),
        fc.tuple(...lengths.map((length) => fc.nat({ max: length }))),
      ),
    );
    await fc.assert(
      fc.asyncProperty(blocks, async ([lengths, begin, size]) => {
        const fitting = size.map((each, axis) => Math.min(each, lengths[axis]! - begin[axis]!));
        await expectSameAsCpu(() => tf.slice(tensor(lengths, 1), begin, fitting));
      }),
      { numRuns: 60 },
    );
    await tf.setBackend("blas");
    expect(() => tf.slice(tensor([3, 4], 1), [1, 1], [2, 4])).toThrow();
  });

  it("pad and tile agree with the cpu backend", async () => {
    await fc.assert(
      fc.asyncProperty(shape, fc.nat({ max: 3 }), fc.nat({ max: 2 }), async (lengths, before, after) => {
        await expectSameAsCpu(() => [
          tf.pad(
            tensor(lengths, 1),
            lengths.map((_, axis) => [before, axis % 2 === 0 ? after : 0] as [number, number]),
            before,
          ),
          tf.tile(
            tensor(lengths, 2),
            lengths.map((_, axis) => (axis % 2 === 0 ? before : 2)),
          ),
        ]);
      }),
      { numRuns: 40 },
    );
  });

  it("gather agrees with the cpu backend along every axis, and reports numbers out of range", async () => {
    for (const axis of [0, 1, 2]) {
      await expectSameAsCpu(() => [
        tf.gather(tensor([4, 5, 6], 1), tf.tensor1d([3, 0, 2, 3], "int32"), axis),
        tf.gather(
          tensor([4, 5, 30], 1),
          tf.tensor2d(
            [
              [1, 0],
              [2, 2],
            ],
            [2, 2],
            "int32",
          ),
          axis,
        ),
      ]);
    }
    await tf.setBackend("blas");
    expect(() => tf.gather(tensor([4, 5], 1), tf.tensor1d([4], "int32"))).toThrow(/not in/);
  });
});
