import type { Blas } from "../../library/checked.js";
import { type Geometry, hasStrideOne, turned } from "./geometry.js";
import { convolvePatches, filterGradientPatches, inputGradientPatches } from "./patch-products.js";
import { convolveSeen, filterGradientSeen, inputGradientSeen, pixelsSeen } from "./seen-products.js";
import { winogradConvolve, winogradFilterGradient } from "./winograd.js";

/** Maps of at most so many pixels are worked on pixel by pixel. */
const SMALL_MAP = 9;

/** Fewer tiles are not worth transforming the filter. */
const TILES = 32;

/** Filters up to this size, `in · out`, are transformed: that takes 16 numbers each (64 MB in all), which are kept. */
const FILTERS = 2 ** 20;

/** `out = a ∗ b` in one of the ways: all of `out` is written. */
type Operation = (blas: Blas, g: Geometry, a: Float32Array, b: Float32Array, out: Float32Array) => void;

/** Whether to do without the multiplications by zeros outside of the image: where these are at least a third. */
function isSmall(g: Geometry): boolean {
  const { dilationHeight, dilationWidth, outHeight, outWidth, filterHeight, filterWidth } = g;
  if (dilationHeight !== 1 || dilationWidth !== 1 || outHeight * outWidth > SMALL_MAP) return false;
  if (g.batch * g.inChannels * g.outChannels === 0) return false;
  return 3 * pixelsSeen(g) <= 2 * outHeight * outWidth * filterHeight * filterWidth;
}

/**
 * Whether Winograd's filtering is faster, as measured for 4 to 512 channels, maps of 4 to 32 pixels and batches of 1 to 128: where it saves
 * at least a third of the multiplications, all but maps with a large part of their tiles outside, and tiles are many.
 */
function isForWinograd(g: Geometry): boolean {
  const { dilationHeight, dilationWidth, filterHeight, filterWidth, inChannels, outChannels } = g;
  const tiles = Math.ceil(g.outHeight / 2) * Math.ceil(g.outWidth / 2);
  return (
    filterHeight === 3 &&
    filterWidth === 3 &&
    hasStrideOne(g) &&
    dilationHeight === 1 &&
    dilationWidth === 1 &&
    [g.padTop, g.padLeft].every((pad) => pad >= 0 && pad <= 2) &&
    inChannels % 4 === 0 &&
    outChannels % 4 === 0 &&
    inChannels * outChannels > 0 &&
    inChannels * outChannels <= FILTERS &&
    g.batch * tiles >= TILES &&
    3 * 16 * tiles <= 2 * 9 * g.outHeight * g.outWidth
  );
}

/** `y = x ∗ filter`. */
export const convolve: Operation = (blas, g, x, filter, y) => {
  if (isSmall(g)) convolveSeen(blas, g, x, filter, y);
  else if (!isForWinograd(g) || !winogradConvolve(blas, g, x, filter, false, y))
    convolvePatches(blas, g, x, filter, y);
};

/** The gradient in x of the convolution, from the one in y. */
export const inputGradient: Operation = (blas, g, dy, filter, dx) => {
  if (isSmall(g)) inputGradientSeen(blas, g, dy, filter, dx);
  else if (!isForWinograd(turned(g)) || !winogradConvolve(blas, turned(g), dy, filter, true, dx))
    inputGradientPatches(blas, g, dy, filter, dx);
};

/** The gradient in the filter of the convolution, from the one in y. */
export const filterGradient: Operation = (blas, g, x, dy, gradient) => {
  if (isSmall(g)) filterGradientSeen(blas, g, x, dy, gradient);
  else if (!isForWinograd(g) || !winogradFilterGradient(blas, g, x, dy, gradient))
    filterGradientPatches(blas, g, x, dy, gradient);
};
