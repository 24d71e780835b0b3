import { backend_util } from "@tensorflow/tfjs-core";

/** The sizes of a two-dimensional convolution, images stored as `[batch, height, width, channels]`. */
export interface Geometry {
  readonly batch: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
}

type Shape4 = [number, number, number, number];

/** What TensorFlow.js hands to the kernels of a convolution. */
export interface ConvAttrs {
  readonly strides: [number, number] | number;
  readonly pad: "valid" | "same" | number;
  readonly dataFormat?: "NHWC" | "NCHW";
  readonly dilations?: [number, number] | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** The sizes, or `undefined` for images stored with their channels first. */
export function geometryOf(
  inShape: readonly number[],
  filterShape: readonly number[],
  attrs: ConvAttrs,
  dilations: ConvAttrs["dilations"] = 1,
): Geometry | undefined {
  if (attrs.dataFormat === "NCHW") return undefined;
  const info = backend_util.computeConv2DInfo(
    inShape as Shape4,
    filterShape as Shape4,
    attrs.strides,
    dilations,
    attrs.pad,
    attrs.dimRoundingMode,
    false,
    "channelsLast",
  );
  return {
    batch: info.batchSize,
    inHeight: info.inHeight,
    inWidth: info.inWidth,
    inChannels: info.inChannels,
    outHeight: info.outHeight,
    outWidth: info.outWidth,
    outChannels: info.outChannels,
    filterHeight: info.filterHeight,
    filterWidth: info.filterWidth,
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    dilationHeight: info.dilationHeight,
    dilationWidth: info.dilationWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
  };
}

/** Numbers in one patch: what one output pixel sees. */
export const patchSize = (g: Geometry): number => g.filterHeight * g.filterWidth * g.inChannels;

/** Whether neighboring output pixels see neighboring patches. */
export const hasStrideOne = (g: Geometry): boolean => g.strideHeight === 1 && g.strideWidth === 1;

/** Whether every patch is one pixel, and the patches are the image itself. */
export const isPointwise = (g: Geometry): boolean =>
  g.filterHeight === 1 &&
  g.filterWidth === 1 &&
  hasStrideOne(g) &&
  g.padTop === 0 &&
  g.padLeft === 0 &&
  g.outHeight === g.inHeight &&
  g.outWidth === g.inWidth;

/** The convolution that leads from `dy` back to `x` where the stride is 1. */
export const turned = (g: Geometry): Geometry => ({
  ...g,
  inHeight: g.outHeight,
  inWidth: g.outWidth,
  inChannels: g.outChannels,
  outHeight: g.inHeight,
  outWidth: g.inWidth,
  outChannels: g.inChannels,
  padTop: (g.filterHeight - 1) * g.dilationHeight - g.padTop,
  padLeft: (g.filterWidth - 1) * g.dilationWidth - g.padLeft,
});
