import type { Blas } from "../../library/checked.js";
import type { Geometry } from "./geometry.js";

/** The taps of one line of a filter that lie on the image, for an output position `at` along an axis: from the first on. */
function seen(at: number, stride: number, pad: number, size: number, taps: number) {
  const first = at * stride - pad;
  const low = Math.max(0, -first);
  return { start: first + low, low, count: Math.max(0, Math.min(taps, size - first) - low) };
}

const seenRows = (g: Geometry, row: number) =>
  seen(row, g.strideHeight, g.padTop, g.inHeight, g.filterHeight);
const seenColumns = (g: Geometry, column: number) =>
  seen(column, g.strideWidth, g.padLeft, g.inWidth, g.filterWidth);

/** How many pixels of an image all its output pixels see, of at most the filter's size each. Without dilation. */
export function pixelsSeen(g: Geometry): number {
  let rows = 0;
  let columns = 0;
  for (let row = 0; row < g.outHeight; row++) rows += seenRows(g, row).count;
  for (let column = 0; column < g.outWidth; column++) columns += seenColumns(g, column).count;
  return rows * columns;
}

/** Products of `[batch, taps · in]`, `[taps · in, out]` and `[batch, out]`: where each starts, and the size of the first. */
type Product = (x: number, filter: number, y: number, size: number) => void;

/** Runs over output pixels and lines of the filter: the neighboring pixels seen there, in all images at once. */
function forEachLineSeen(g: Geometry, run: Product): void {
  for (let row = 0; row < g.outHeight; row++) {
    const rows = seenRows(g, row);
    for (let column = 0; column < g.outWidth; column++) {
      const columns = seenColumns(g, column);
      if (columns.count === 0) continue;
      for (let i = 0; i < rows.count; i++) {
        const pixel = (rows.start + i) * g.inWidth + columns.start;
        const tap = (rows.low + i) * g.filterWidth + columns.low;
        const y = (row * g.outWidth + column) * g.outChannels;
        const size = columns.count * g.inChannels;
        run(pixel * g.inChannels, tap * g.inChannels * g.outChannels, y, size);
      }
    }
  }
}

const imageSize = (g: Geometry): number => g.inHeight * g.inWidth * g.inChannels;
const resultSize = (g: Geometry): number => g.outHeight * g.outWidth * g.outChannels;

/**
 * The convolution pixel by pixel, where the filter reaches over most edges of a small map: `y[:, q] = Σ x[:, p] · W[p − q]` over the
 * pixels p that q sees, each a product over the batch on the tensors as they are. Nothing is gathered, no zero multiplied. Writes all of y.
 */
export function convolveSeen(
  blas: Blas,
  g: Geometry,
  x: Float32Array,
  filter: Float32Array,
  y: Float32Array,
): void {
  const n = g.outChannels;
  y.fill(0);
  forEachLineSeen(g, (from, taps, to, k) => {
    blas.sgemm(
      false,
      false,
      g.batch,
      n,
      k,
      1,
      x,
      from,
      imageSize(g),
      filter,
      taps,
      n,
      1,
      y,
      to,
      resultSize(g),
    );
  });
}

/** The gradient of that in the images, `dx[:, p] = Σ dy[:, q] · W[p − q]ᵀ`. Writes all of it. */
export function inputGradientSeen(
  blas: Blas,
  g: Geometry,
  dy: Float32Array,
  filter: Float32Array,
  dx: Float32Array,
): void {
  const k = g.outChannels;
  dx.fill(0);
  forEachLineSeen(g, (to, taps, from, n) => {
    blas.sgemm(
      false,
      true,
      g.batch,
      n,
      k,
      1,
      dy,
      from,
      resultSize(g),
      filter,
      taps,
      k,
      1,
      dx,
      to,
      imageSize(g),
    );
  });
}

/** The gradient of that in the filter, `dW[p − q] = Σ x[:, p]ᵀ · dy[:, q]`. Writes all of it. */
export function filterGradientSeen(
  blas: Blas,
  g: Geometry,
  x: Float32Array,
  dy: Float32Array,
  gradient: Float32Array,
): void {
  const n = g.outChannels;
  gradient.fill(0);
  forEachLineSeen(g, (from, taps, out, m) => {
    blas.sgemm(
      true,
      false,
      m,
      n,
      g.batch,
      1,
      x,
      from,
      imageSize(g),
      dy,
      out,
      resultSize(g),
      1,
      gradient,
      taps,
      n,
    );
  });
}
