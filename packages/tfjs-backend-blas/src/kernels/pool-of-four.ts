import type { backend_util } from "@tensorflow/tfjs-core";
import { Workspace } from "./workspace.js";

/** About so many numbers of the images are worked on at a time, at least two lines of pixels: they stay in the cache between the copies. */
const BLOCK = 2 ** 15;
let workspace = new Workspace([0, 0, 0]);

/** Whether a pooling takes the largest of each 2 × 2 pixels, none of them twice, an odd last line or column left out. */
export const isOfFour = (info: backend_util.Conv2DInfo): boolean =>
  [info.filterHeight, info.filterWidth, info.strideHeight, info.strideWidth].every((size) => size === 2) &&
  info.padInfo.top + info.padInfo.left + info.padInfo.bottom + info.padInfo.right === 0;

/**
 * Runs over the images in blocks of lines of the result: `run` gets where the block starts in images and result and how many lines of
 * the result it has. Blocks go on over the end of an image only where its height is even.
 */
function forEachBlock(
  { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth }: backend_util.Conv2DInfo,
  run: (workspace: Workspace, from: number, to: number, lines: number) => void,
): void {
  const [line, outLine] = [inWidth * inChannels, outWidth * inChannels];
  const even = inHeight % 2 === 0;
  const [parts, lines] = even ? [1, batchSize * outHeight] : [batchSize, outHeight];
  const step = Math.max(1, Math.min(lines, Math.floor(BLOCK / (2 * line))));
  const sizes = [2 * step * line, step * outLine, 2 * step * line];
  if (sizes.some((size, i) => size > (workspace.sizes[i] as number)))
    workspace = new Workspace(sizes.map((size, i) => Math.max(size, workspace.sizes[i] as number)));
  for (let part = 0; part < parts; part++) {
    for (let first = 0; first < lines; first += step) {
      const from = (part * inHeight + 2 * first) * line;
      run(workspace, from, (part * outHeight + first) * outLine, Math.min(step, lines - first));
    }
  }
}

/** The largest of each 2 × 2 pixels of x; `out` has the result's size. As of four numbers at a time, in WebAssembly. */
export function largestOfFour(info: backend_util.Conv2DInfo, x: Float32Array, out: Float32Array): void {
  const { inWidth, inChannels, outWidth } = info;
  forEachBlock(info, (memory, from, to, lines) => {
    const [images, result] = [memory.array(0), memory.array(1)];
    images.set(x.subarray(from, from + 2 * lines * inWidth * inChannels));
    memory.largestOfFour(images, inWidth, inChannels, lines, result);
    out.set(result.subarray(0, lines * outWidth * inChannels), to);
  });
}

/** Adds nothing up: each number of `dy` is written to the first largest of its pixels, 0 to all others; `dx` has the size of x. */
export function gradientOfFour(
  info: backend_util.Conv2DInfo,
  x: Float32Array,
  dy: Float32Array,
  dx: Float32Array,
): void {
  const { inWidth, inChannels, outWidth } = info;
  if (info.inHeight % 2 === 1) dx.fill(0); // an odd last line of pixels is in no block
  forEachBlock(info, (memory, from, to, lines) => {
    const [images, slopes, result] = [memory.array(0), memory.array(1), memory.array(2)];
    const size = 2 * lines * inWidth * inChannels;
    images.set(x.subarray(from, from + size));
    slopes.set(dy.subarray(to, to + lines * outWidth * inChannels));
    memory.gradientOfFour(images, slopes, inWidth, inChannels, lines, result);
    dx.set(result.subarray(0, size), from);
  });
}
