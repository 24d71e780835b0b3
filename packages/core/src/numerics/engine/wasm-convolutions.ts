import { backend_util, type KernelFunc, type TensorInfo } from "@tensorflow/tfjs-core";
import { tf } from "./tf.js";
import type { WasmModule } from "./wasm-module.js";

type Shape4 = [number, number, number, number];

/** What TensorFlow.js hands to the kernels of a convolution. */
interface Attributes {
  readonly strides: [number, number] | number;
  readonly pad: "valid" | "same" | number;
  readonly dataFormat?: "NHWC" | "NCHW";
  readonly dilations?: [number, number] | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** Sizes of a convolution `[batch, height, width, channels]`. */
interface Geometry {
  readonly batch: number;
  readonly in: readonly [height: number, width: number, channels: number];
  readonly out: readonly [height: number, width: number, channels: number];
  readonly filter: readonly [height: number, width: number];
  readonly stride: readonly [height: number, width: number];
  readonly dilation: readonly [height: number, width: number];
  readonly pad: readonly [top: number, left: number];
}

/** The patches that are gathered before they are multiplied hold about so many numbers (4 MB). */
const PATCHES = 2 ** 20;

/** The sizes; undefined for images with their channels first. */
function geometryOf(
  inShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dataFormat, dilations = 1, dimRoundingMode }: Attributes,
): Geometry | undefined {
  if (dataFormat === "NCHW") return undefined;
  const info = backend_util.computeConv2DInfo(
    inShape as Shape4,
    filterShape as Shape4,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    false,
    "channelsLast",
  );
  return {
    batch: info.batchSize,
    in: [info.inHeight, info.inWidth, info.inChannels],
    out: [info.outHeight, info.outWidth, info.outChannels],
    filter: [info.filterHeight, info.filterWidth],
    stride: [info.strideHeight, info.strideWidth],
    dilation: [info.dilationHeight, info.dilationWidth],
    pad: [info.padInfo.top, info.padInfo.left],
  };
}

/** Numbers in one patch: what one output pixel sees. */
const patchSize = (g: Geometry): number => g.filter[0] * g.filter[1] * g.in[2];
/** Whether every patch is one pixel, and the patches are the images themselves. */
const isPointwise = (g: Geometry): boolean =>
  [...g.filter, ...g.stride].every((size) => size === 1) &&
  [...g.pad].every((size) => size === 0) &&
  g.in[0] === g.out[0] &&
  g.in[1] === g.out[1];

/** The convolution that leads from the gradient of the result back to the images where the stride is 1. */
const turned = (g: Geometry): Geometry => ({
  ...g,
  in: g.out,
  out: g.in,
  pad: [(g.filter[0] - 1) * g.dilation[0] - g.pad[0], (g.filter[1] - 1) * g.dilation[1] - g.pad[1]],
});

/** Runs over the output lines of all images, as many at a time as have {@link PATCHES} numbers in their patches. */
function forEachChunk(
  module: WasmModule,
  g: Geometry,
  run: (first: number, last: number, patches: number, geometry: number) => void,
): void {
  const lines = g.batch * g.out[0];
  const line = g.out[1] * patchSize(g);
  const step = Math.max(1, Math.min(lines, Math.floor(PATCHES / line)));
  const patches = module.scratch("patches", 4 * step * line);
  const geometry = module.scratch("geometry", 4 * 13);
  module.writeIntegers(geometry, [
    ...g.in,
    g.out[0],
    g.out[1],
    ...g.filter,
    ...g.stride,
    ...g.dilation,
    ...g.pad,
  ]);
  for (let first = 0; first < lines; first += step)
    run(first, Math.min(lines, first + step), patches, geometry);
}

/** y = patches(x) · W, with W `[patch, out]`; all are addresses. */
function convolve(module: WasmModule, g: Geometry, x: number, filter: number, y: number): void {
  const [k, n] = [patchSize(g), g.out[2]];
  const w = { address: filter, row: n, column: 1 };
  if (isPointwise(g)) {
    module.multiply([g.batch * g.out[0] * g.out[1], n, k], { address: x, row: k, column: 1 }, w, y);
    return;
  }
  forEachChunk(module, g, (first, last, address, geometry) => {
    module.exports.gatherPatches(geometry, x, first, last, address);
    const pixels = (last - first) * g.out[1];
    module.multiply([pixels, n, k], { address, row: k, column: 1 }, w, y + 4 * first * g.out[1] * n);
  });
}

/** ∇W = patches(x)ᵀ · ∇y, added up over the chunks. */
function filterGradient(module: WasmModule, g: Geometry, x: number, dy: number, gradient: number): void {
  const [m, n] = [patchSize(g), g.out[2]];
  if (isPointwise(g)) {
    const pixels = g.batch * g.out[0] * g.out[1];
    const a = { address: x, row: 1, column: m };
    module.multiply([m, n, pixels], a, { address: dy, row: n, column: 1 }, gradient);
    return;
  }
  forEachChunk(module, g, (first, last, address, geometry) => {
    module.exports.gatherPatches(geometry, x, first, last, address);
    const pixels = (last - first) * g.out[1];
    const b = { address: dy + 4 * first * g.out[1] * n, row: n, column: 1 };
    module.multiply([m, n, pixels], { address, row: 1, column: m }, b, gradient, { add: first > 0 });
  });
}

/**
 * ∇x. With stride 1 it is a convolution of ∇y with the filter turned by half a circle; else ∇y · Wᵀ are the gradients of the
 * patches, which are added up where they overlap: then the numbers at `dx` have to be 0 before.
 */
function inputGradient(module: WasmModule, g: Geometry, dy: number, filter: number, dx: number): void {
  const [n, k] = [patchSize(g), g.out[2]];
  if (g.stride[0] === 1 && g.stride[1] === 1) {
    const turnedFilter = module.scratch("filter", 4 * n * k);
    module.exports.turnFilter(g.filter[0] * g.filter[1], g.in[2], k, filter, turnedFilter);
    convolve(module, turned(g), dy, turnedFilter, dx);
    return;
  }
  forEachChunk(module, g, (first, last, patches, geometry) => {
    const pixels = (last - first) * g.out[1];
    const a = { address: dy + 4 * first * g.out[1] * k, row: k, column: 1 };
    module.multiply([pixels, n, k], a, { address: filter, row: 1, column: k }, patches);
    module.exports.scatterPatches(geometry, dx, first, last, patches);
  });
}

/** Two tensors of a kernel's call, their attributes, and the shape that the call names. */
type Run = (
  module: WasmModule,
  inputs: Record<string, TensorInfo>,
  attributes: Attributes & Shapes,
) => TensorInfo | undefined; // prettier-ignore
interface Shapes {
  readonly filterShape: number[];
  readonly inputShape: number[];
}

/** Sizes that can be computed here: float32 operands, nothing empty, a gradient of the result's shape. */
function usable(g: Geometry | undefined, operands: readonly TensorInfo[], dy?: TensorInfo): g is Geometry {
  if (g === undefined || operands.some(({ dtype }) => dtype !== "float32")) return false;
  if (dy !== undefined && dy.shape.join() !== [g.batch, ...g.out].join()) return false;
  return patchSize(g) * g.out[2] > 0 && g.batch * g.out[0] * g.out[1] > 0;
}

const KERNELS: Readonly<Record<string, Run>> = {
  Conv2D(module, { x, filter }, attributes) {
    const g = geometryOf(x.shape, filter.shape, attributes);
    if (!usable(g, [x, filter])) return undefined;
    const y = module.output([g.batch, ...g.out]);
    convolve(module, g, module.addressOf(x), module.addressOf(filter), module.addressOf(y));
    return y;
  },
  Conv2DBackpropFilter(module, { x, dy }, attributes) {
    const g = geometryOf(x.shape, attributes.filterShape, attributes);
    if (!usable(g, [x, dy], dy)) return undefined;
    const gradient = module.output(attributes.filterShape);
    filterGradient(module, g, module.addressOf(x), module.addressOf(dy), module.addressOf(gradient));
    return gradient;
  },
  Conv2DBackpropInput(module, { dy, filter }, attributes) {
    const g = geometryOf(attributes.inputShape, filter.shape, attributes);
    if (!usable(g, [dy, filter], dy)) return undefined;
    const dx = module.output(attributes.inputShape);
    module.numbersOf(dx).fill(0);
    inputGradient(module, g, module.addressOf(dy), module.addressOf(filter), module.addressOf(dx));
    return dx;
  },
};

/**
 * Replaces the wasm backend's convolution and its gradient in the images, and adds the gradient in the filter, which the backend
 * lacks: products of patches, gathered a few lines at a time. What they leave alone (images with their channels first, other
 * types) goes to the kernel that was there.
 */
export function replaceConvolutions(module: WasmModule): void {
  for (const [kernelName, run] of Object.entries(KERNELS)) {
    const original = tf.getKernel(kernelName, "wasm");
    const kernelFunc: KernelFunc = (call) =>
      run(module, call.inputs as Record<string, TensorInfo>, call.attrs as unknown as Attributes & Shapes) ??
      original.kernelFunc(call);
    tf.unregisterKernel(kernelName, "wasm");
    tf.registerKernel({ ...original, kernelFunc });
  }
}
