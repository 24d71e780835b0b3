import { describe, expect, it } from "vitest";
import { Blas, type RawBlas } from "../../library/checked.js";
import { convolve, filterGradient, inputGradient } from "./choice.js";
import { geometryOf } from "./geometry.js";

/**
 * Multiplications that a BLAS is asked for, as parts of those of a convolution by its definition, zeros outside of the image included:
 * for the convolution and its gradients in the images and in the filter.
 */
function multiplications(
  shape: [number, number, number, number],
  size: number,
  outChannels: number,
  strides = 1,
): number[] {
  const g = geometryOf(shape, [size, size, shape[3], outChannels], { strides, pad: "same" })!;
  let count = 0;
  const sgemm = (...args: unknown[]) => {
    const [m, n, k] = args.slice(3, 6) as [number, number, number];
    count += m * n * k;
  };
  const blas = new Blas({ sgemm } as unknown as RawBlas);
  const outputs = g.batch * g.outHeight * g.outWidth * outChannels;
  const all = size ** 2 * shape[3] * outputs;
  const x = new Float32Array(shape.reduce((product, each) => product * each));
  const filter = new Float32Array(size ** 2 * shape[3] * outChannels);
  const y = new Float32Array(outputs);
  const operations: [typeof convolve, Float32Array, Float32Array, Float32Array][] = [
    [convolve, x, filter, y],
    [inputGradient, y, filter, x],
    [filterGradient, x, y, filter],
  ];
  return operations.map(([operation, a, b, out]) => {
    count = 0;
    operation(blas, g, a, b, out);
    return count / all;
  });
}

describe("the way to convolve", () => {
  it("takes 16 multiplications in place of 36 where 3 × 3 taps move by one pixel over enough of them", () => {
    for (const [batch, side] of [
      [32, 16],
      [8, 4],
      [2, 8],
    ] as const) // prettier-ignore
      expect(multiplications([batch, side, side, 8], 3, 12)).toEqual([4 / 9, 4 / 9, 4 / 9]);
    expect(multiplications([4, 7, 7, 8], 3, 4)).toEqual(Array(3).fill((16 * 16) / (9 * 49)));
  });

  it("multiplies no zeros from outside of maps of at most 3 × 3 pixels", () => {
    expect(multiplications([4, 3, 3, 5], 3, 7)).toEqual(Array(3).fill(49 / 81));
    expect(multiplications([128, 2, 2, 8], 3, 8)).toEqual(Array(3).fill(16 / 36));
    expect(multiplications([2, 1, 1, 3], 5, 2)).toEqual(Array(3).fill(1 / 25));
  });

  it("is by patches where tiles are few or mostly outside, and for other strides, filters and channels", () => {
    const plain = [1, 1, 1];
    expect(multiplications([1, 8, 8, 8], 3, 8)).toEqual(plain);
    expect(multiplications([128, 1, 11, 8], 3, 8)).toEqual(plain);
    expect(multiplications([4, 16, 16, 8], 3, 8, 2)).toEqual(plain);
    expect(multiplications([4, 16, 16, 8], 5, 8)).toEqual(plain);
    expect(multiplications([4, 16, 16, 3], 3, 8)).toEqual(plain);
    expect(multiplications([4, 16, 16, 8], 3, 6)).toEqual(plain);
  });
});
