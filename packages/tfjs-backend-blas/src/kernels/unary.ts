import type { NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import { bitsOf, stepBits } from "./bits.js";
import type { BlasKernel } from "./kernel.js";
import { relu } from "./relu.js";

/** A whole unary operation, `out[i] = op(x[i])`. Each has its own loop, so that nothing is called per number. */
type Loop = (x: Float32Array, out: Float32Array, attrs: NamedAttrMap) => void;

function unary(name: string, loop: Loop): BlasKernel {
  return {
    name,
    run({ inputs, attrs, backend }) {
      const x = inputs.x as TensorInfo;
      const values = backend.floats(x);
      if (values === undefined) return undefined;
      const out = backend.allocate(values.length);
      loop(values, out, attrs);
      return backend.tensorOf(out, x.shape);
    },
  };
}

/** Functions of one float32 tensor, number by number. NaN and infinities go the way of the `cpu` backend. */
export const unaryKernels: readonly BlasKernel[] = [
  unary("Relu", relu),
  unary("Relu6", (x, out) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.min(Math.max(0, x[i]!), 6);
  }),
  unary("Elu", (x, out) => {
    for (let i = 0; i < out.length; i++) out[i] = x[i]! >= 0 ? x[i]! : Math.exp(x[i]!) - 1;
  }),
  unary("LeakyRelu", (x, out, attrs) => {
    const alpha = attrs.alpha as number;
    for (let i = 0; i < out.length; i++) out[i] = x[i]! < 0 ? alpha * x[i]! : x[i]!;
  }),
  unary("Step", (x, out, attrs) => {
    stepBits(bitsOf(x), bitsOf(out), attrs.alpha as number);
  }),
  unary("ClipByValue", (x, out, attrs) => {
    const low = attrs.clipValueMin as number;
    const high = attrs.clipValueMax as number;
    for (let i = 0; i < out.length; i++) out[i] = x[i]! > high ? high : Math.max(x[i]!, low);
  }),
  unary("Sigmoid", (x, out) => {
    for (let i = 0; i < out.length; i++) out[i] = 1 / (1 + Math.exp(-x[i]!));
  }),
  unary("Tanh", (x, out) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.tanh(x[i]!);
  }),
  unary("Exp", (x, out) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.exp(x[i]!);
  }),
  unary("Log", (x, out) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.log(x[i]!);
  }),
  unary("Sqrt", (x, out) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.sqrt(x[i]!);
  }),
  unary("Rsqrt", (x, out) => {
    for (let i = 0; i < out.length; i++) out[i] = 1 / Math.sqrt(x[i]!);
  }),
  unary("Square", (x, out) => {
    for (let i = 0; i < out.length; i++) out[i] = x[i]! * x[i]!;
  }),
  unary("Neg", (x, out) => {
    for (let i = 0; i < out.length; i++) out[i] = -x[i]!;
  }),
  unary("Abs", (x, out) => {
    for (let i = 0; i < out.length; i++) out[i] = Math.abs(x[i]!);
  }),
  unary("Reciprocal", (x, out) => {
    for (let i = 0; i < out.length; i++) out[i] = 1 / x[i]!;
  }),
  unary("ZerosLike", () => undefined),
];
