import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { it } from "vitest";
import { expectSameAsCpu, tensor } from "../../testing/compare.js";
import { describeWithBlas } from "../../testing/with-blas.js";

type Image = tf.Tensor4D;

const convolution = fc
  .record({
    batch: fc.integer({ min: 0, max: 3 }),
    height: fc.integer({ min: 1, max: 9 }),
    width: fc.integer({ min: 1, max: 9 }),
    inChannels: fc.integer({ min: 1, max: 9 }),
    outChannels: fc.integer({ min: 1, max: 5 }),
    filterHeight: fc.integer({ min: 1, max: 4 }),
    filterWidth: fc.integer({ min: 1, max: 4 }),
    stride: fc.constantFrom<[number, number]>([1, 1], [2, 2], [1, 2], [3, 1]),
    pad: fc.constantFrom<"same" | "valid" | number>("same", "valid", 0, 1),
  })
  // For a padding given as a number, TensorFlow.js takes every filter to be a square.
  .filter(
    ({ height, width, filterHeight, filterWidth, pad }) =>
      pad === "same" || Math.max(filterHeight, filterWidth) <= Math.min(height, width),
  );

/**
 * Sums of up to 243 products of size 4 / 3 may cancel to about 1. Of such, the cpu backend was seen to err by 1.4e-5 (it adds up in single
 * precision), products of patches by 1.4e-5, and Winograd's filtering by 1.4e-5.
 */
const ROUNDING = 4e-5;

describeWithBlas("convolution", () => {
  it("and both gradients agree with the cpu backend for sizes, strides and paddings of all kinds", async () => {
    await fc.assert(
      fc.asyncProperty(convolution, async (c) => {
        const xShape: [number, number, number, number] = [c.batch, c.height, c.width, c.inChannels];
        const filterShape: [number, number, number, number] = [
          c.filterHeight,
          c.filterWidth,
          c.inChannels,
          c.outChannels,
        ];
        await expectSameAsCpu(() => {
          const x = tensor(xShape, 1) as Image;
          const filter = tensor(filterShape, 2) as Image;
          const y = tf.conv2d(x, filter, c.stride, c.pad);
          const dy = tensor(y.shape, 3) as Image;
          return [
            y,
            tf.conv2dTranspose(dy, filter, xShape, c.stride, c.pad),
            tf.fused.conv2d({ x, filter, strides: c.stride, pad: c.pad, activation: "relu" }),
            // The gradient in the filter, as training asks for it.
            tf
              .engine()
              .runKernel(
                "Conv2DBackpropFilter",
                { x, dy },
                { strides: c.stride, pad: c.pad, dataFormat: "NHWC", filterShape },
              ) as Image,
          ];
        }, ROUNDING);
      }),
      { numRuns: 120 },
    );
  });

  it("agrees with the cpu backend for dilated filters, wide ones too", async () => {
    for (const dilations of [2, 3, [1, 2], [2, 1]] as (number | [number, number])[]) {
      for (const pad of ["same", "valid"] as const) {
        await expectSameAsCpu(() =>
          tf.conv2d(
            tensor([2, 9, 8, 3], 1) as Image,
            tensor([3, 2, 3, 4], 2) as Image,
            1,
            pad,
            "NHWC",
            dilations,
          ),
        );
      }
    }
  });

  it("pads each side on its own where told so", async () => {
    await expectSameAsCpu(() =>
      tf.conv2d(tensor([1, 6, 5, 2], 1) as Image, tensor([3, 3, 2, 3], 2) as Image, 1, [
        [0, 0],
        [0, 2],
        [1, 0],
        [0, 0],
      ]),
    );
  });

  it("needs no more than its workspace: images of several chunks agree with the cpu backend", async () => {
    await expectSameAsCpu(() => {
      const x = tensor([5, 20, 20, 40], 1) as Image;
      const filter = tensor([3, 3, 40, 5], 2) as Image;
      const dy = tensor([5, 20, 20, 5], 3) as Image;
      return [
        tf.conv2d(x, filter, 1, "same"),
        tf.conv2dTranspose(dy, filter, [5, 20, 20, 40], 1, "same"),
        tf
          .engine()
          .runKernel(
            "Conv2DBackpropFilter",
            { x, dy },
            { strides: 1, pad: "same", dataFormat: "NHWC", filterShape: [3, 3, 40, 5] },
          ) as Image,
      ];
    }, 1e-4);
  });

  it("carries NaN and infinities to the pixels that see them, and to no others", async () => {
    await expectSameAsCpu(() =>
      tf.conv2d(tensor([2, 7, 7, 3], 1, 0.02) as Image, tensor([3, 3, 3, 4], 2) as Image, 2, "valid"),
    );
  });

  it("leaves images with their channels first to the cpu backend", async () => {
    await expectSameAsCpu(() =>
      tf.conv2d(tensor([2, 3, 7, 6], 1) as Image, tensor([3, 3, 3, 4], 2) as Image, 1, "same", "NCHW"),
    );
  });

  it("adds a bias and applies every activation in one kernel", async () => {
    for (const activation of ["linear", "relu", "relu6", "elu", "leakyrelu", "prelu", "sigmoid"] as const) {
      await expectSameAsCpu(() =>
        tf.fused.conv2d({
          x: tensor([2, 5, 5, 3], 1, 0.01) as Image,
          filter: tensor([2, 2, 3, 4], 2) as Image,
          strides: 1,
          pad: "valid",
          bias: tensor([4], 3),
          activation,
          leakyreluAlpha: 0.1,
          ...(activation === "prelu" && { preluActivationWeights: tensor([1, 1, 4], 4) }),
        }),
      );
    }
  });

  it("leaves gradients of another shape than the result's to the cpu backend", async () => {
    await expectSameAsCpu(() =>
      tf.conv2dTranspose(
        tensor([1, 8, 8, 8], 1) as Image,
        tensor([8, 8, 8, 8], 2) as Image,
        [1, 4, 4, 8],
        1,
        "same",
      ),
    );
  });
});
