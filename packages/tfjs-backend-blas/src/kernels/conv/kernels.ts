import type { TensorInfo } from "@tensorflow/tfjs-core";
import { applyEpilogue, type Epilogue } from "../epilogue.js";
import { type BlasKernel, type KernelArgs, sizeOf } from "../kernel.js";
import { convolve, filterGradient, inputGradient } from "./choice.js";
import { type ConvAttrs, type Geometry, geometryOf } from "./geometry.js";

/** `[batch, height, width, in]` and `[filterHeight, filterWidth, in, out]` to `[batch, height', width', out]`. */
function convolution({ inputs, attrs, backend }: KernelArgs): TensorInfo | undefined {
  const { x, filter } = inputs as { x: TensorInfo; filter: TensorInfo };
  const { dilations } = attrs as unknown as ConvAttrs;
  const values = backend.floats(x);
  const weights = backend.floats(filter);
  const g = geometryOf(x.shape, filter.shape, attrs as unknown as ConvAttrs, dilations);
  if (values === undefined || weights === undefined || g === undefined) return undefined;
  const shape = [g.batch, g.outHeight, g.outWidth, g.outChannels];
  const y = backend.allocate(sizeOf(shape));
  convolve(backend.blas, g, values, weights, y);
  return backend.tensorOf(y, shape);
}

/**
 * Whether a gradient has the shape of the convolution's result. TensorFlow.js lets other shapes through to the
 * kernels; what they mean then is the `cpu` backend's to say.
 */
const fits = (g: Geometry, { shape }: TensorInfo): boolean =>
  shape[0] === g.batch && shape[1] === g.outHeight && shape[2] === g.outWidth && shape[3] === g.outChannels;

/** Two-dimensional convolution and its gradients. Images with their channels first are the `cpu` backend's. */
export const convolutionKernels: readonly BlasKernel[] = [
  { name: "Conv2D", run: convolution },
  {
    name: "FusedConv2D",
    run(args) {
      const { bias, preluActivationWeights } = args.inputs as Record<string, TensorInfo | undefined>;
      if (bias != null && bias.dtype !== "float32") return undefined;
      const result = convolution(args);
      if (result === undefined) return undefined;
      const { activation, leakyreluAlpha } = args.attrs as Pick<Epilogue, "activation" | "leakyreluAlpha">;
      return applyEpilogue(args.backend, result, {
        bias,
        activation,
        preluActivationWeights,
        leakyreluAlpha,
      });
    },
  },
  {
    name: "Conv2DBackpropFilter",
    run({ inputs, attrs, backend }) {
      const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo };
      const shape = attrs.filterShape as number[];
      const values = backend.floats(x);
      const gradient = backend.floats(dy);
      const g = geometryOf(x.shape, shape, attrs as unknown as ConvAttrs);
      if (values === undefined || gradient === undefined || g === undefined || !fits(g, dy)) return undefined;
      const result = backend.allocate(sizeOf(shape));
      filterGradient(backend.blas, g, values, gradient, result);
      return backend.tensorOf(result, shape);
    },
  },
  {
    name: "Conv2DBackpropInput",
    run({ inputs, attrs, backend }) {
      const { dy, filter } = inputs as { dy: TensorInfo; filter: TensorInfo };
      const shape = attrs.inputShape as number[];
      const gradient = backend.floats(dy);
      const weights = backend.floats(filter);
      const g = geometryOf(shape, filter.shape, attrs as unknown as ConvAttrs);
      if (gradient === undefined || weights === undefined || g === undefined || !fits(g, dy))
        return undefined;
      const dx = backend.allocate(sizeOf(shape));
      inputGradient(backend.blas, g, gradient, weights, dx);
      return backend.tensorOf(dx, shape);
    },
  },
];
