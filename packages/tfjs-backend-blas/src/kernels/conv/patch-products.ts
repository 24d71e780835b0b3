import type { Blas } from "../../library/checked.js";
import { type Geometry, hasStrideOne, isPointwise, patchSize, turned } from "./geometry.js";
import { gatherPatches, linesPerChunk, scatterPatches } from "./patches.js";

/**
 * The convolution `y = patches(x) · W`, where `patches(x)` is `[output pixels, patch]` and `W` is
 * `[patch, outChannels]`, a few output lines at a time. Writes all of y.
 */
export function convolvePatches(
  blas: Blas,
  g: Geometry,
  x: Float32Array,
  filter: Float32Array,
  y: Float32Array,
): void {
  const k = patchSize(g);
  const n = g.outChannels;
  if (y.length === 0 || k === 0) {
    y.fill(0);
    return;
  }
  if (isPointwise(g)) {
    blas.sgemm(false, false, y.length / n, n, k, 1, x, 0, k, filter, 0, n, 0, y, 0, n);
    return;
  }
  forEachChunk(g, (first, last, patches) => {
    gatherPatches(g, x, first, last, patches);
    const pixels = (last - first) * g.outWidth;
    blas.sgemm(false, false, pixels, n, k, 1, patches, 0, k, filter, 0, n, 0, y, first * g.outWidth * n, n);
  });
}

/** The gradient in the filter, `patches(x)ᵀ · dy`, added up over the chunks. Writes all of it. */
export function filterGradientPatches(
  blas: Blas,
  g: Geometry,
  x: Float32Array,
  dy: Float32Array,
  gradient: Float32Array,
): void {
  const m = patchSize(g);
  const n = g.outChannels;
  if (gradient.length === 0 || dy.length === 0) {
    gradient.fill(0);
    return;
  }
  if (isPointwise(g)) {
    blas.sgemm(true, false, m, n, dy.length / n, 1, x, 0, m, dy, 0, n, 0, gradient, 0, n);
    return;
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
}

/**
 * The gradient in the images. With stride 1 it is a convolution of `dy` with the filter turned by half a circle;
 * otherwise `dy · Wᵀ` gives the gradients of the patches, which are added up where they overlap. Writes all of it.
 */
export function inputGradientPatches(
  blas: Blas,
  g: Geometry,
  dy: Float32Array,
  filter: Float32Array,
  dx: Float32Array,
): void {
  const k = g.outChannels;
  const n = patchSize(g);
  if (isPointwise(g) && dx.length > 0 && dy.length > 0) {
    blas.sgemm(false, true, dy.length / k, n, k, 1, dy, 0, k, filter, 0, k, 0, dx, 0, n);
    return;
  }
  if (hasStrideOne(g)) {
    convolvePatches(blas, turned(g), dy, turn(g, filter), dx);
    return;
  }
  dx.fill(0);
  if (dx.length === 0 || dy.length === 0) return;
  forEachChunk(g, (first, last, patches) => {
    const pixels = (last - first) * g.outWidth;
    const start = first * g.outWidth * k;
    blas.sgemm(false, true, pixels, n, k, 1, dy, start, k, filter, 0, k, 0, patches, 0, n);
    scatterPatches(g, patches, first, last, dx);
  });
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
