import { backend_util, type TensorInfo } from "@tensorflow/tfjs-core";
import type { BlasBackend } from "../backend/backend.js";
import { bitsOf } from "./bits.js";
import type { BlasKernel, KernelArgs } from "./kernel.js";
import { gradientOfFour, isOfFour, largestOfFour } from "./pool-of-four.js";

/** The sizes of a pooling; `undefined` where every window is one pixel, which changes nothing. */
function poolingOf(
  shape: readonly number[],
  attrs: KernelArgs["attrs"],
): backend_util.Conv2DInfo | undefined {
  const info = backend_util.computePool2DInfo(
    shape as [number, number, number, number],
    attrs.filterSize as [number, number] | number,
    attrs.strides as [number, number] | number,
    1,
    attrs.pad as "same" | "valid" | number,
    attrs.dimRoundingMode as "floor" | "round" | "ceil" | undefined,
  );
  return info.filterHeight === 1 && info.filterWidth === 1 ? undefined : info;
}

type Window = (from: number, to: number) => void;
type Pixel = (at: number) => void;

/**
 * Walks over the output pixels: for each, `tap(input, output)` for every pixel of the window that lies in the image,
 * row by row, then `done(output)`. Both are given where the pixel's channels start.
 */
function forEachWindow(info: backend_util.Conv2DInfo, tap: Window, done: Pixel): void {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth } = info;
  let to = 0;
  for (let image = 0; image < info.batchSize; image++) {
    for (let y = 0; y < outHeight; y++) {
      const top = y * info.strideHeight - info.padInfo.top;
      const rowEnd = Math.min(inHeight, top + filterHeight);
      for (let x = 0; x < outWidth; x++, to += inChannels) {
        const left = x * info.strideWidth - info.padInfo.left;
        const columnEnd = Math.min(inWidth, left + filterWidth);
        for (let row = Math.max(0, top); row < rowEnd; row++) {
          const start = (image * inHeight + row) * inWidth;
          for (let column = Math.max(0, left); column < columnEnd; column++)
            tap((start + column) * inChannels, to);
        }
        done(to);
      }
    }
  }
}

/** The largest number of each window. A NaN is larger than nothing, so it never is the largest. */
function maxPool(info: backend_util.Conv2DInfo, x: Float32Array, out: Float32Array): Float32Array {
  const channels = info.inChannels;
  if (isOfFour(info)) {
    largestOfFour(info, x, out);
    return out;
  }
  out.fill(Number.NEGATIVE_INFINITY);
  const [bits, outBits] = [bitsOf(x), bitsOf(out)];
  forEachWindow(
    info,
    (from, to) => {
      for (let c = 0; c < channels; c++) {
        const larger = -Number(x[from + c]! > out[to + c]!);
        outBits[to + c] = (bits[from + c]! & larger) | (outBits[to + c]! & ~larger);
      }
    },
    () => undefined,
  );
  return out;
}

/** Each number of `dy` goes to the first largest number of its window. */
function maxPoolGradient(
  info: backend_util.Conv2DInfo,
  x: Float32Array,
  dy: Float32Array,
  dx: Float32Array,
): Float32Array {
  if (isOfFour(info)) {
    gradientOfFour(info, x, dy, dx);
    return dx;
  }
  const channels = info.inChannels;
  dx.fill(0);
  const largest = new Float32Array(channels).fill(Number.NEGATIVE_INFINITY);
  const position = new Int32Array(channels).fill(-1);
  const [bits, largestBits] = [bitsOf(x), bitsOf(largest)];
  forEachWindow(
    info,
    (from) => {
      for (let c = 0; c < channels; c++) {
        const larger = -Number(x[from + c]! > largest[c]!);
        largestBits[c] = (bits[from + c]! & larger) | (largestBits[c]! & ~larger);
        position[c] = ((from + c) & larger) | (position[c]! & ~larger);
      }
    },
    (to) => {
      for (let c = 0; c < channels; c++) {
        const at = position[c]!;
        if (at >= 0) dx[at] = dx[at]! + dy[to + c]!;
        largest[c] = Number.NEGATIVE_INFINITY;
        position[c] = -1;
      }
    },
  );
  return dx;
}

/** The mean of each window, counting only pixels of the image. */
function averagePool(info: backend_util.Conv2DInfo, x: Float32Array, out: Float32Array): Float32Array {
  const channels = info.inChannels;
  const sums = new Float64Array(channels);
  let count = 0;
  forEachWindow(
    info,
    (from) => {
      count++;
      for (let c = 0; c < channels; c++) sums[c] = sums[c]! + x[from + c]!;
    },
    (to) => {
      for (let c = 0; c < channels; c++) out[to + c] = sums[c]! / count;
      sums.fill(0);
      count = 0;
    },
  );
  return out;
}

/** Each number of `dy`, divided by the size of the whole window, goes to every pixel of the window. */
function averagePoolGradient(
  info: backend_util.Conv2DInfo,
  _x: Float32Array,
  dy: Float32Array,
  dx: Float32Array,
): Float32Array {
  const channels = info.inChannels;
  dx.fill(0);
  const share = 1 / (info.filterHeight * info.filterWidth);
  forEachWindow(
    info,
    (to, from) => {
      for (let c = 0; c < channels; c++) dx[to + c] = dx[to + c]! + dy[from + c]! * share;
    },
    () => undefined,
  );
  return dx;
}

const sizeOfOutput = (info: backend_util.Conv2DInfo): number =>
  info.batchSize * info.outHeight * info.outWidth * info.inChannels;

type Forward = (info: backend_util.Conv2DInfo, x: Float32Array, out: Float32Array) => Float32Array;
const pooling = (name: string, pool: Forward): BlasKernel => ({
  name,
  run({ inputs, attrs, backend }) {
    const x = inputs.x as TensorInfo;
    const values = backend.floats(x);
    const info = poolingOf(x.shape, attrs);
    if (values === undefined || info === undefined) return undefined;
    return backend.tensorOf(pool(info, values, backend.allocate(sizeOfOutput(info))), info.outShape);
  },
});

type Backward = (
  info: backend_util.Conv2DInfo,
  x: Float32Array,
  dy: Float32Array,
  dx: Float32Array,
) => Float32Array;
const poolingGradient = (name: string, gradient: Backward): BlasKernel => ({
  name,
  run({ inputs, attrs, backend }) {
    const { input, dy } = inputs as { input: TensorInfo; dy: TensorInfo };
    const operands = floatsOf(backend, input, dy);
    const info = poolingOf(input.shape, attrs);
    if (operands === undefined || info === undefined) return undefined;
    return backend.tensorOf(gradient(info, ...operands, backend.allocate(operands[0].length)), input.shape);
  },
});

function floatsOf(
  backend: BlasBackend,
  x: TensorInfo,
  dy: TensorInfo,
): [Float32Array, Float32Array] | undefined {
  const values = backend.floats(x);
  const gradient = backend.floats(dy);
  // Positions are kept as 32-bit integers.
  return values && gradient && values.length <= 0x7fffffff ? [values, gradient] : undefined;
}

/** Pooling over windows of `[batch, height, width, channels]`, and its gradients. */
export const poolKernels: readonly BlasKernel[] = [
  pooling("MaxPool", maxPool),
  pooling("AvgPool", averagePool),
  poolingGradient("MaxPoolGrad", maxPoolGradient),
  poolingGradient("AvgPoolGrad", averagePoolGradient),
];
