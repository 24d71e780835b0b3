import { type Geometry, patchSize } from "./geometry.js";

/** The workspace for patches holds about so many numbers (1 MB): it stays in the cache until the product reads it. */
const WORKSPACE = 2 ** 18;

/** But at least so many patches, as far as there are: a library packs the whole filter for every product. */
const PATCHES = 448;

/** Below this many numbers a loop copies faster than a call. */
const WORTH_A_CALL = 24;

/** Output lines (rows of pixels, counted through the whole batch) to work on at a time; at least one. */
export function linesPerChunk(g: Geometry): number {
  const patches = Math.max(PATCHES, WORKSPACE / patchSize(g));
  return Math.max(1, Math.min(Math.floor(patches / g.outWidth), g.batch * g.outHeight));
}

/**
 * Writes the patches of the output lines `first` to `last` (exclusive) into the workspace: one row of
 * `[filterHeight, filterWidth, inChannels]` per output pixel, zeros where it reaches over the edge.
 */
export function gatherPatches(
  g: Geometry,
  x: Float32Array,
  first: number,
  last: number,
  patches: Float32Array,
): void {
  const size = patchSize(g);
  const tapRow = g.filterWidth * g.inChannels;
  for (let line = first; line < last; line++) {
    const image = Math.floor(line / g.outHeight);
    const top = (line % g.outHeight) * g.strideHeight - g.padTop;
    for (let tap = 0; tap < g.filterHeight; tap++) {
      const row = top + tap * g.dilationHeight;
      const to = (line - first) * g.outWidth * size + tap * tapRow;
      if (row < 0 || row >= g.inHeight) {
        for (let pixel = 0, at = to; pixel < g.outWidth; pixel++, at += size)
          patches.fill(0, at, at + tapRow);
      } else {
        gatherRow(g, x, (image * g.inHeight + row) * g.inWidth * g.inChannels, patches, to, size);
      }
    }
  }
}

/** One row of taps of one output line: `from` is where the row of the image starts. */
function gatherRow(
  g: Geometry,
  x: Float32Array,
  from: number,
  patches: Float32Array,
  to: number,
  size: number,
): void {
  const { inChannels, inWidth, filterWidth, dilationWidth } = g;
  for (let pixel = 0, at = to; pixel < g.outWidth; pixel++, at += size) {
    const left = pixel * g.strideWidth - g.padLeft;
    if (dilationWidth === 1) {
      const low = Math.min(Math.max(0, -left), filterWidth);
      const high = Math.max(low, Math.min(filterWidth, inWidth - left));
      if (low > 0) patches.fill(0, at, at + low * inChannels);
      if (high < filterWidth) patches.fill(0, at + high * inChannels, at + filterWidth * inChannels);
      copy(x, from + (left + low) * inChannels, patches, at + low * inChannels, (high - low) * inChannels);
    } else {
      for (let tap = 0; tap < filterWidth; tap++) {
        const column = left + tap * dilationWidth;
        const there = at + tap * inChannels;
        if (column < 0 || column >= inWidth) patches.fill(0, there, there + inChannels);
        else copy(x, from + column * inChannels, patches, there, inChannels);
      }
    }
  }
}

function copy(source: Float32Array, from: number, target: Float32Array, to: number, n: number): void {
  if (n >= WORTH_A_CALL) target.set(source.subarray(from, from + n), to);
  else for (const end = to + n; to < end; to++, from++) target[to] = source[from]!;
}

/** The reverse of {@link gatherPatches}: adds every patch to the places of `x` it was taken from. */
export function scatterPatches(
  g: Geometry,
  patches: Float32Array,
  first: number,
  last: number,
  x: Float32Array,
): void {
  const { inChannels, inWidth, filterWidth, dilationWidth } = g;
  let from = 0;
  for (let line = first; line < last; line++) {
    const image = Math.floor(line / g.outHeight);
    const top = (line % g.outHeight) * g.strideHeight - g.padTop;
    for (let pixel = 0; pixel < g.outWidth; pixel++) {
      const left = pixel * g.strideWidth - g.padLeft;
      for (let tapRow = 0; tapRow < g.filterHeight; tapRow++) {
        const row = top + tapRow * g.dilationHeight;
        const start = (image * g.inHeight + row) * inWidth;
        for (let tap = 0; tap < filterWidth; tap++, from += inChannels) {
          const column = left + tap * dilationWidth;
          if (row < 0 || row >= g.inHeight || column < 0 || column >= inWidth) continue;
          const to = (start + column) * inChannels;
          for (let c = 0; c < inChannels; c++) x[to + c] = x[to + c]! + patches[from + c]!;
        }
      }
    }
  }
}
