import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { it } from "vitest";
import { expectSameAsCpu, tensor } from "../testing/compare.js";
import { describeWithBlas } from "../testing/with-blas.js";

const pooling = fc
  .record({
    height: fc.integer({ min: 1, max: 7 }),
    width: fc.integer({ min: 1, max: 7 }),
    channels: fc.integer({ min: 1, max: 6 }),
    filterSize: fc.constantFrom<[number, number]>([1, 1], [2, 2], [3, 3], [1, 3], [2, 1]),
    strides: fc.constantFrom<[number, number]>([1, 1], [2, 2], [2, 1]),
    pad: fc.constantFrom<"same" | "valid">("same", "valid"),
    special: fc.constantFrom(0, 0.1),
  })
  .filter(
    ({ height, width, filterSize, pad }) =>
      pad === "same" || (filterSize[0] <= height && filterSize[1] <= width),
  );

describeWithBlas("pooling", () => {
  it("and its gradients agree with the cpu backend, ties, NaN and infinities included", async () => {
    await fc.assert(
      fc.asyncProperty(pooling, async ({ height, width, channels, filterSize, strides, pad, special }) => {
        await expectSameAsCpu(() => {
          // Rounded, so that windows have several largest numbers.
          const x = tf.round(tensor([2, height, width, channels], 1, special)) as tf.Tensor4D;
          const max = tf.maxPool(x, filterSize, strides, pad);
          const dy = tensor(max.shape, 2);
          const attrs = { filterSize, strides, pad };
          const run = (name: string, inputs: tf.NamedTensorMap) =>
            tf.engine().runKernel(name, inputs, attrs) as tf.Tensor;
          return [
            max,
            tf.avgPool(x, filterSize, strides, pad),
            run("MaxPoolGrad", { dy, input: x, output: max }),
            run("AvgPoolGrad", { dy, input: x }),
          ];
        });
      }),
      { numRuns: 100 },
    );
  });
});

describeWithBlas("batch normalization", () => {
  it("agrees with the cpu backend with and without scale and offset, and for other shapes of them", async () => {
    await expectSameAsCpu(() => {
      const x = tensor([2, 3, 4, 5], 1, 0.05) as tf.Tensor4D;
      const vector = (seed: number) => tensor([5], seed) as tf.Tensor1D;
      const variance = tf.abs(vector(3));
      return [
        tf.batchNorm(x, vector(2), variance),
        tf.batchNorm(x, vector(2), variance, vector(4), vector(5), 1e-5),
        tf.batchNorm(x, vector(2), tf.zeros([5]), vector(4), vector(5), 0),
        tf.batchNorm(
          x,
          tensor([2, 3, 4, 5], 6) as tf.Tensor4D,
          tf.abs(tensor([2, 3, 4, 5], 7)) as tf.Tensor4D,
        ),
      ];
    });
  });

  it("of 2 × 2 pixels in several blocks agrees with the cpu backend, for even and odd images", async () => {
    for (const shape of [
      [3, 44, 42, 20],
      [3, 45, 43, 7],
    ] as const) {
      // prettier-ignore
      await expectSameAsCpu(() => {
        const x = tf.round(tf.mul(tensor([...shape], 1, 0.01), 2)) as tf.Tensor4D;
        const max = tf.maxPool(x, 2, 2, "valid");
        const attrs = { filterSize: 2, strides: 2, pad: "valid" };
        const inputs = { dy: tensor(max.shape, 2), input: x, output: max };
        return [max, tf.engine().runKernel("MaxPoolGrad", inputs, attrs) as tf.Tensor];
      });
    }
  });
});
