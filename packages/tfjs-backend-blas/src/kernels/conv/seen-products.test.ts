import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { BlasBackend } from "../../backend/backend.js";
import { expectClose, tensor } from "../../testing/compare.js";
import { plainConvolution } from "../../testing/plain-convolution.js";
import { describeWithBlas } from "../../testing/with-blas.js";
import { geometryOf } from "./geometry.js";
import { convolveSeen, filterGradientSeen, inputGradientSeen, pixelsSeen } from "./seen-products.js";

const size = (max: number) => fc.integer({ min: 1, max });
const geometries = fc
  .tuple(fc.tuple(size(4), size(4), size(4), size(5)), fc.tuple(size(4), size(4), size(5)), size(2))
  .map(([shape, [height, width, out], strides]) =>
    geometryOf(shape, [height, width, shape[3], out], { strides, pad: "same" }),
  );

describeWithBlas("convolution pixel by pixel", () => {
  it("agrees with the definition, and so do its gradients, for small maps of all sizes", async () => {
    await tf.setBackend("blas");
    const { blas } = tf.backend() as BlasBackend;
    fc.assert(
      fc.property(geometries, (g) => {
        const plain = plainConvolution(g!);
        const y = new Float32Array(plain.y.length).fill(Number.NaN);
        const dx = new Float32Array(plain.x.length).fill(Number.NaN);
        const dFilter = new Float32Array(plain.filter.length).fill(Number.NaN);
        convolveSeen(blas, g!, plain.x, plain.filter, y);
        inputGradientSeen(blas, g!, plain.dy, plain.filter, dx);
        filterGradientSeen(blas, g!, plain.x, plain.dy, dFilter);
        expectClose(y, plain.y);
        expectClose(dx, plain.dx);
        expectClose(dFilter, plain.dFilter);
      }),
    );
  });

  it("sees 16 of 36 pixels through 3 × 3 taps on a map of 2 × 2, and 1 of 9 on a single pixel", () => {
    const attrs = { strides: 1, pad: "same" } as const;
    expect(pixelsSeen(geometryOf([1, 2, 2, 1], [3, 3, 1, 1], attrs)!)).toBe(16);
    expect(pixelsSeen(geometryOf([1, 1, 1, 1], [3, 3, 1, 1], attrs)!)).toBe(1);
  });

  it("keeps infinite taps from pixels that do not see them", async () => {
    await tf.setBackend("blas");
    const x = tensor([2, 1, 1, 3], 1) as tf.Tensor4D;
    const filter = tf.tidy(() => {
      const middle = tf.pad(tf.ones([1, 1, 3, 2]), [
        [1, 1],
        [1, 1],
        [0, 0],
        [0, 0],
      ]); // prettier-ignore
      return tf.where(tf.equal(middle, 1), middle, Number.POSITIVE_INFINITY) as tf.Tensor4D;
    });
    const y = tf.conv2d(x, filter, 1, "same");
    const sums = tf.sum(x, 3).dataSync();
    expectClose(y.dataSync(), [sums[0]!, sums[0]!, sums[1]!, sums[1]!]);
    tf.dispose([x, filter, y]);
  });
});
