import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { BlasBackend } from "../../backend/backend.js";
import { expectSameAsCpu, tensor } from "../../testing/compare.js";
import { plainConvolution } from "../../testing/plain-convolution.js";
import { describeWithBlas } from "../../testing/with-blas.js";
import { type Geometry, turned } from "./geometry.js";
import { convolvePatches, filterGradientPatches, inputGradientPatches } from "./patch-products.js";
import { winogradConvolve, winogradFilterGradient } from "./winograd.js";

/** A convolution of 3 × 3 taps from its input and its padding on each side. */
function geometry(
  batch: number,
  [inHeight, inWidth]: readonly [number, number],
  [inChannels, outChannels]: readonly [number, number],
  [top, left, bottom, right]: readonly [number, number, number, number],
): Geometry {
  return {
    batch,
    inHeight,
    inWidth,
    inChannels,
    outHeight: inHeight + top + bottom - 2,
    outWidth: inWidth + left + right - 2,
    outChannels,
    filterHeight: 3,
    filterWidth: 3,
    strideHeight: 1,
    strideWidth: 1,
    dilationHeight: 1,
    dilationWidth: 1,
    padTop: top,
    padLeft: left,
  };
}

const size = fc.integer({ min: 3, max: 12 });
const channels = fc.integer({ min: 1, max: 5 }).map((n) => 4 * n);
const pad = fc.integer({ min: 0, max: 2 });
const geometries = fc
  .tuple(
    fc.integer({ min: 1, max: 3 }),
    fc.tuple(size, size),
    fc.tuple(channels, channels),
    fc.tuple(pad, pad, pad, pad),
  )
  .map((given) => geometry(...given));

/** Small whole numbers, multiples of 4 as the transforms of a filter take quarters: nothing is ever rounded. */
const whole = (value: number) => 4 * Math.round(value);

/** All three results, in arrays that hold something else before, and whether they are said to be finite. */
function run(g: Geometry, { x, filter, dy }: Record<"x" | "filter" | "dy", Float32Array>) {
  const { blas } = tf.backend() as BlasBackend;
  const y = new Float32Array(dy.length).fill(Number.NaN);
  const dx = new Float32Array(x.length).fill(Number.NaN);
  const dFilter = new Float32Array(filter.length).fill(Number.NaN);
  const finite = [
    winogradConvolve(blas, g, x, filter, false, y),
    winogradConvolve(blas, turned(g), dy, filter, true, dx),
    winogradFilterGradient(blas, g, x, dy, dFilter),
  ];
  return { y, dx, dFilter, finite };
}

describeWithBlas("Winograd's filtering", () => {
  it("is the convolution and its gradients, to the last bit for whole numbers, whatever the size and padding", async () => {
    await tf.setBackend("blas");
    fc.assert(
      fc.property(geometries, (g) => {
        const plain = plainConvolution(g, whole);
        const { y, dx, dFilter, finite } = run(g, plain);
        expect(finite).toEqual([true, true, true]);
        expect(Array.from(y)).toEqual(Array.from(plain.y));
        expect(Array.from(dx)).toEqual(Array.from(plain.dx));
        expect(Array.from(dFilter)).toEqual(Array.from(plain.dFilter));
      }),
      {
        numRuns: 40,
        examples: [
          // Several images in each of several blocks, and several blocks in each image.
          [geometry(7, [19, 20], [4, 8], [1, 1, 1, 1])],
          [geometry(2, [45, 40], [8, 4], [1, 1, 1, 1])],
        ],
      },
    );
  });

  it("errs at most twice as much as products of patches, both against double precision", async () => {
    await tf.setBackend("blas");
    const { blas } = tf.backend() as BlasBackend;
    const g = geometry(4, [10, 10], [64, 48], [1, 1, 1, 1]);
    const plain = plainConvolution(g);
    const { y, dx, dFilter } = run(g, plain);
    const error = (actual: Float32Array, expected: Float64Array) =>
      Math.sqrt(actual.reduce((sum, value, i) => sum + (value - expected[i]!) ** 2, 0));
    const direct = new Float32Array(y.length);
    convolvePatches(blas, g, plain.x, plain.filter, direct);
    expect(error(y, plain.y)).toBeLessThan(2 * error(direct, plain.y));
    const directDx = new Float32Array(dx.length);
    inputGradientPatches(blas, g, plain.dy, plain.filter, directDx);
    expect(error(dx, plain.dx)).toBeLessThan(2 * error(directDx, plain.dx));
    const directSlope = new Float32Array(dFilter.length);
    filterGradientPatches(blas, g, plain.x, plain.dy, directSlope);
    expect(error(dFilter, plain.dFilter)).toBeLessThan(2 * error(directSlope, plain.dFilter));
  });

  it("says where a result is not finite", async () => {
    await tf.setBackend("blas");
    const g = geometry(1, [6, 6], [4, 4], [1, 1, 1, 1]);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      for (const at of [0, 77, 143]) {
        const plain = plainConvolution(g);
        plain.x[at] = bad;
        expect(run(g, plain).finite).toEqual([false, true, false]);
        plain.dy[at] = bad;
        expect(run(g, plain).finite).toEqual([false, false, false]);
      }
    }
  });
});

describeWithBlas("convolution by 3 × 3 taps", () => {
  const shape: [number, number, number, number] = [3, 9, 8, 8];
  const filterShape: [number, number, number, number] = [3, 3, 8, 12];
  const outShape = [3, 9, 8, 12];
  const convolve = (x: tf.Tensor, filter: tf.Tensor) =>
    tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, "same");
  const gradientInX = (dy: tf.Tensor, filter: tf.Tensor) =>
    tf.conv2dTranspose(dy as tf.Tensor4D, filter as tf.Tensor4D, shape, 1, "same");
  const gradientInFilter = (x: tf.Tensor, dy: tf.Tensor) =>
    tf
      .engine()
      .runKernel(
        "Conv2DBackpropFilter",
        { x, dy },
        { strides: 1, pad: "same", dataFormat: "NHWC", filterShape },
      ) as tf.Tensor;

  it("carries NaN and infinities to the pixels and taps that see them, and to no others", async () => {
    for (const special of [0.0005, 0.005, 0.05])
      await expectSameAsCpu(() => [
        convolve(tensor(shape, 1, special), tensor(filterShape, 2)),
        gradientInX(tensor(outShape, 3, special), tensor(filterShape, 2)),
        gradientInFilter(tensor(shape, 1, special), tensor(outShape, 3)),
      ]);
  });

  it("stays finite where only the sum of neighboring pixels is not", async () => {
    await expectSameAsCpu(() => {
      const filter = tf.mul(tf.abs(tensor(filterShape, 2)), 1e-4);
      return [
        convolve(tf.fill(shape, 3e38), filter),
        gradientInX(tf.fill(outShape, 3e38), filter),
        gradientInFilter(tf.fill(shape, 3e38), tf.mul(tf.abs(tensor(outShape, 3)), 1e-4)),
      ];
    });
  });
});
