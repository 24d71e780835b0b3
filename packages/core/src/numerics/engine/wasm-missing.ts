import { backend_util, type NamedAttrMap, type Tensor, type Tensor4D } from "@tensorflow/tfjs-core";
import { tf } from "./tf.js";

type Shape4 = [number, number, number, number];

/** How a filter walks over images. */
interface ConvolutionAttributes {
  readonly strides: [number, number] | number;
  readonly pad: "valid" | "same" | number;
  readonly dilations?: [number, number] | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

/** Sizes of a convolution, and where each tap of its filter starts on the padded images. */
function geometryOf(
  inShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dilations = 1, dimRoundingMode }: ConvolutionAttributes,
  depthwise: boolean,
) {
  const info = backend_util.computeConv2DInfo(
    inShape as Shape4,
    filterShape as Shape4,
    strides,
    dilations,
    pad,
    dimRoundingMode,
    depthwise,
  );
  const { top, bottom, left, right } = info.padInfo;
  const taps = Array.from({ length: info.filterHeight }, (_, i) =>
    Array.from(
      { length: info.filterWidth },
      (_, j) => [i * info.dilationHeight, j * info.dilationWidth] as const,
    ),
  ).flat();
  return {
    info,
    taps,
    padding: [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ] as [number, number][],
  }; // prettier-ignore
}

/** For each tap of a filter the pixels that it meets, `[batch · height' · width', channels]`. */
function pixelsByTap(x: Tensor4D, geometry: ReturnType<typeof geometryOf>): Tensor[] {
  const { info, taps, padding } = geometry;
  const padded = tf.pad(x, padding);
  const { batchSize, outHeight, outWidth, strideHeight, strideWidth, inChannels } = info;
  return taps.map(([top, left]) => {
    const end = [
      batchSize,
      top + (outHeight - 1) * strideHeight + 1,
      left + (outWidth - 1) * strideWidth + 1,
      inChannels,
    ];
    const seen = tf.stridedSlice(padded, [0, top, left, 0], end, [1, strideHeight, strideWidth, 1]);
    return tf.reshape(seen, [batchSize * outHeight * outWidth, inChannels]);
  });
}

/** ∇W[tap] = pixels(tap)ᵀ · ∇y */
function filterGradient({ x, dy }: Record<string, Tensor>, attrs: NamedAttrMap): Tensor {
  const shape = attrs.filterShape as number[];
  const geometry = geometryOf(x.shape, shape, attrs as unknown as ConvolutionAttributes, false);
  const flat = tf.reshape(dy, [-1, geometry.info.outChannels]);
  const byTap = pixelsByTap(x as Tensor4D, geometry).map((pixels) => tf.matMul(pixels, flat, true, false));
  return tf.reshape(tf.stack(byTap), shape);
}

/** ∇W[tap, c, m] = Σ pixels(tap)[c] ∇y[c, m] over batch and pixels. */
function depthwiseFilterGradient({ x, dy }: Record<string, Tensor>, attrs: NamedAttrMap): Tensor {
  const shape = attrs.filterShape as number[];
  const geometry = geometryOf(x.shape, shape, attrs as unknown as ConvolutionAttributes, true);
  const slopes = tf.reshape(dy, [-1, shape[2], shape[3]]);
  const byTap = pixelsByTap(x as Tensor4D, geometry).map((pixels) =>
    tf.sum(tf.mul(tf.expandDims(pixels, 2), slopes), 0),
  );
  return tf.reshape(tf.stack(byTap), shape);
}

/** ∇x[pixel, c] = Σ W[tap, c, m] ∇y[pixel', c, m] over the taps and pixels' that see the pixel, and over m. */
function depthwiseInputGradient({ dy, filter }: Record<string, Tensor>, attrs: NamedAttrMap): Tensor {
  const shape = attrs.inputShape as Shape4;
  const { info, taps, padding } = geometryOf(
    shape,
    filter.shape,
    attrs as unknown as ConvolutionAttributes,
    true,
  );
  const { batchSize, outHeight, outWidth, inChannels, strideHeight, strideWidth } = info;
  const [height, width] = [
    shape[1] + padding[1][0] + padding[1][1],
    shape[2] + padding[2][0] + padding[2][1],
  ];
  const slopes = tf.reshape(dy, [batchSize, outHeight, outWidth, inChannels, -1]);
  const multipliers = tf.unstack(tf.reshape(filter, [taps.length, inChannels, -1]));
  const terms = taps.map(([top, left], tap) => {
    const own = tf.sum(tf.mul(slopes, multipliers[tap] as Tensor), 4);
    // Zeros between the pixels where the filter strides over some, then around them.
    const apart = tf.pad(tf.reshape(own, [batchSize, outHeight, 1, outWidth, 1, inChannels]), [
      [0, 0],
      [0, 0],
      [0, strideHeight - 1],
      [0, 0],
      [0, strideWidth - 1],
      [0, 0],
    ]);
    const spread = tf.reshape(apart, [
      batchSize,
      outHeight * strideHeight,
      outWidth * strideWidth,
      inChannels,
    ]);
    const [rows, columns] = [
      Math.min(height - top, outHeight * strideHeight),
      Math.min(width - left, outWidth * strideWidth),
    ];
    return tf.pad(tf.slice(spread, [0, 0, 0, 0], [batchSize, rows, columns, inChannels]), [
      [0, 0],
      [top, height - top - rows],
      [left, width - left - columns],
      [0, 0],
    ]);
  });
  return tf.slice(tf.addN(terms), [0, padding[1][0], padding[2][0], 0], shape);
}

/** out[s] = Σ x[i] over all i with segment s; those of no segment are left out. */
function unsortedSegmentSum({ x, segmentIds }: Record<string, Tensor>, attrs: NamedAttrMap): Tensor {
  const segments = attrs.numSegments as number;
  const [values, ids] = [x.dataSync(), segmentIds.dataSync()];
  const inner = ids.length === 0 ? 0 : values.length / ids.length;
  const shape = [segments, ...x.shape.slice(1)];
  const sums = new Float32Array(shape.reduce((a, b) => a * b, 1));
  ids.forEach((segment, i) => {
    if (segment < 0 || segment >= segments) return;
    for (let k = 0; k < inner; k++) sums[segment * inner + k] += values[i * inner + k] as number;
  });
  return tf.cast(tf.tensor(sums, shape), x.dtype);
}

/** Every operand under all indices, multiplied, then summed over those that the result lacks. */
function einsum(inputs: Record<string, Tensor>, attrs: NamedAttrMap): Tensor {
  const operands = Object.values(inputs);
  const equation = attrs.equation as string;
  const { allDims, summedDims, idDims } = backend_util.decodeEinsumEquation(equation, operands.length);
  backend_util.checkEinsumDimSizes(allDims.length, idDims, operands);
  const factors = operands.map((x, operand) => {
    const own = idDims[operand] as number[];
    const order = own.map((_, axis) => axis).sort((a, b) => own[a] - own[b]);
    const sizes = allDims.map((_, id) => x.shape[own.indexOf(id)] ?? 1);
    return tf.reshape(tf.transpose(x, order), sizes);
  });
  return tf.sum(
    factors.reduce((product, factor) => tf.mul(product, factor)),
    summedDims,
  );
}

/**
 * Kernels that TensorFlow.js' wasm backend lacks and training needs, as compositions of those it has: gradients of convolutions in
 * their filters, both gradients of depthwise ones, sums over segments (the gradient of `gather`), Einstein sums.
 */
export function addMissingWasmKernels(): void {
  const kernels = {
    Conv2DBackpropFilter: filterGradient,
    DepthwiseConv2dNativeBackpropFilter: depthwiseFilterGradient,
    DepthwiseConv2dNativeBackpropInput: depthwiseInputGradient,
    UnsortedSegmentSum: unsortedSegmentSum,
    Einsum: einsum,
  };
  for (const [kernelName, run] of Object.entries(kernels)) {
    if ((tf.getKernel(kernelName, "wasm") ?? undefined) !== undefined) continue;
    tf.registerKernel({
      kernelName,
      backendName: "wasm",
      kernelFunc: ({ inputs, attrs }) =>
        tf.tidy(() => run(inputs as Record<string, Tensor>, attrs as NamedAttrMap)),
    });
  }
}
