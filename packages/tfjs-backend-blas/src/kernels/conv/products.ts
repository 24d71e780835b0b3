import type { Blas } from "../../library/checked.js";
import { type Geometry, isPointwise, patchSize } from "./geometry.js";
import { gatherPatches, linesPerChunk, scatterPatches } from "./patches.js";

/**
 * The convolution `y = patches(x) · W`, where `patches(x)` is `[output pixels, patch]` and `W` is
 * `[patch, outChannels]`, a few output lines at a time.
 */
export function convolve(blas: Blas, g: Geometry, x: Float32Array, filter: Float32Array): Float32Array {
  const k = patchSize(g);
  const n = g.outChannels;
  const y = new Float32Array(g.batch * g.outHeight * g.outWidth * n);
  if (y.length === 0 || k === 0) return y;
  if (isPointwise(g)) {
    blas.sgemm(false, false, y.length / n, n, k, 1, x, 0, k, filter, 0, n, 0, y, 0, n);
    return y;
  }
  forEachChunk(g, (first, last, patches) => {
    gatherPatches(g, x, first, last, patches);
    const pixels = (last - first) * g.outWidth;
    blas.sgemm(false, false, pixels, n, k, 1, patches, 0, k, filter, 0, n, 0, y, first * g.outWidth * n, n);
  });
  return y;
}

/** The gradient in the filter, `patches(x)ᵀ · dy`, added up over the chunks. */
export function filterGradient(blas: Blas, g: Geometry, x: Float32Array, dy: Float32Array): Float32Array {
  const m = patchSize(g);
  const n = g.outChannels;
  const gradient = new Float32Array(m * n);
  if (gradient.length === 0 || dy.length === 0) return gradient;
  if (isPointwise(g)) {
    blas.sgemm(true, false, m, n, dy.length / n, 1, x, 0, m, dy, 0, n, 0, gradient, 0, n);
    return gradient;
  }
  forEachChunk(g, (first, last, patches) => {
    gatherPatches(g, x, first, last, patches);
    const pixels = (last - first) * g.outWidth;
    const start = first * g.outWidth * n;
    blas.sgemm(
      true,
      false,
      m,
      n,
      pixels,
      1,
      patches,
      0,
      m,
      dy,
      start,
      n,
      first === 0 ? 0 : 1,
      gradient,
      0,
      n,
    );
  });
  return gradient;
}

/**
 * The gradient in the images. With stride 1 it is a convolution of `dy` with the filter turned by half a circle;
 * otherwise `dy · Wᵀ` gives the gradients of the patches, which are added up where they overlap.
 */
export function inputGradient(blas: Blas, g: Geometry, dy: Float32Array, filter: Float32Array): Float32Array {
  const k = g.outChannels;
  const n = patchSize(g);
  if (!isPointwise(g) && g.strideHeight === 1 && g.strideWidth === 1)
    return convolve(blas, turned(g), dy, turn(g, filter));
  const dx = new Float32Array(g.batch * g.inHeight * g.inWidth * g.inChannels);
  if (dx.length === 0 || dy.length === 0) return dx;
  if (isPointwise(g)) {
    blas.sgemm(false, true, dy.length / k, n, k, 1, dy, 0, k, filter, 0, k, 0, dx, 0, n);
    return dx;
  }
  forEachChunk(g, (first, last, patches) => {
    const pixels = (last - first) * g.outWidth;
    const start = first * g.outWidth * k;
    blas.sgemm(false, true, pixels, n, k, 1, dy, start, k, filter, 0, k, 0, patches, 0, n);
    scatterPatches(g, patches, first, last, dx);
  });
  return dx;
}

/** The convolution that leads from `dy` back to `x` where the stride is 1. */
function turned(g: Geometry): Geometry {
  return {
    ...g,
    inHeight: g.outHeight,
    inWidth: g.outWidth,
    inChannels: g.outChannels,
    outHeight: g.inHeight,
    outWidth: g.inWidth,
    outChannels: g.inChannels,
    padTop: (g.filterHeight - 1) * g.dilationHeight - g.padTop,
    padLeft: (g.filterWidth - 1) * g.dilationWidth - g.padLeft,
  };
}

/** `[taps, inChannels, outChannels]` with the taps in reverse order and the channels exchanged. */
function turn(
  { filterHeight, filterWidth, inChannels, outChannels }: Geometry,
  filter: Float32Array,
): Float32Array {
  const taps = filterHeight * filterWidth;
  const size = inChannels * outChannels;
  const result = new Float32Array(filter.length);
  for (let tap = 0; tap < taps; tap++) {
    const from = tap * size;
    const to = (taps - 1 - tap) * size;
    for (let o = 0; o < outChannels; o++) {
      const line = to + o * inChannels;
      for (let i = 0; i < inChannels; i++) result[line + i] = filter[from + i * outChannels + o]!;
    }
  }
  return result;
}

/** Runs over all output lines in chunks that fit the workspace, which is allocated once. */
function forEachChunk(g: Geometry, run: (first: number, last: number, patches: Float32Array) => void): void {
  const lines = g.batch * g.outHeight;
  const step = linesPerChunk(g);
  const patches = new Float32Array(step * g.outWidth * patchSize(g));
  for (let first = 0; first < lines; first += step) run(first, Math.min(lines, first + step), patches);
}
