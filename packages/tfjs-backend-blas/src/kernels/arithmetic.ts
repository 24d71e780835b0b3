import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { BlasBackend } from "../backend/backend.js";
import { forEachLine, isFlat, type Layout, layoutOf } from "./broadcast.js";
import { type BlasKernel, sizeOf } from "./kernel.js";

type Floats = Float32Array;

/**
 * One line of a binary operation: `out[at + i] = op(a[atA + i·stepA], b[atB + i·stepB])` for `n` numbers. Each
 * operation has its own loop: one loop with the operation as an argument would call it for every number.
 */
type Line = (
  ...args: [
    a: Floats,
    atA: number,
    stepA: number,
    b: Floats,
    atB: number,
    stepB: number,
    out: Floats,
    at: number,
    n: number,
  ]
) => void;

/** Below this many numbers a call of the library costs more than it saves. */
const WORTH_A_CALL = 1024;

const addLine: Line = (a, atA, stepA, b, atB, stepB, out, at, n) => {
  for (const end = at + n; at < end; at++, atA += stepA, atB += stepB) out[at] = a[atA]! + b[atB]!;
};
const subtractLine: Line = (a, atA, stepA, b, atB, stepB, out, at, n) => {
  for (const end = at + n; at < end; at++, atA += stepA, atB += stepB) out[at] = a[atA]! - b[atB]!;
};
const multiplyLine: Line = (a, atA, stepA, b, atB, stepB, out, at, n) => {
  for (const end = at + n; at < end; at++, atA += stepA, atB += stepB) out[at] = a[atA]! * b[atB]!;
};
const divideLine: Line = (a, atA, stepA, b, atB, stepB, out, at, n) => {
  for (const end = at + n; at < end; at++, atA += stepA, atB += stepB) out[at] = a[atA]! / b[atB]!;
};
const maximumLine: Line = (a, atA, stepA, b, atB, stepB, out, at, n) => {
  for (const end = at + n; at < end; at++, atA += stepA, atB += stepB) out[at] = Math.max(a[atA]!, b[atB]!);
};
const minimumLine: Line = (a, atA, stepA, b, atB, stepB, out, at, n) => {
  for (const end = at + n; at < end; at++, atA += stepA, atB += stepB) out[at] = Math.min(a[atA]!, b[atB]!);
};
const squaredDifferenceLine: Line = (a, atA, stepA, b, atB, stepB, out, at, n) => {
  for (const end = at + n; at < end; at++, atA += stepA, atB += stepB) {
    const difference = a[atA]! - b[atB]!;
    out[at] = difference * difference;
  }
};
const preluLine: Line = (a, atA, stepA, b, atB, stepB, out, at, n) => {
  for (const end = at + n; at < end; at++, atA += stepA, atB += stepB)
    out[at] = a[atA]! < 0 ? b[atB]! * a[atA]! : a[atA]!;
};
const eluGradLine: Line = (a, atA, stepA, b, atB, stepB, out, at, n) => {
  for (const end = at + n; at < end; at++, atA += stepA, atB += stepB)
    out[at] = b[atB]! >= 0 ? a[atA]! : a[atA]! * (b[atB]! + 1);
};

/** A binary kernel on float32, with every way of broadcasting; `shortcut` may do a layout better. */
function binary(name: string, line: Line, shortcut?: Shortcut, operands = ["a", "b"]): BlasKernel {
  return {
    name,
    run({ inputs, backend }) {
      const [a, b] = operands.map((key) => inputs[key]!) as [TensorInfo, TensorInfo];
      const left = backend.floats(a);
      const right = backend.floats(b);
      if (left === undefined || right === undefined) return undefined;
      const layout = layoutOf(a.shape, b.shape);
      const quick = shortcut?.(backend, layout, left, right);
      if (quick !== undefined) return backend.tensorOf(quick, layout.shape);
      const out = backend.allocate(layout.size);
      const last = layout.lengths.length - 1;
      const [n, stepA, stepB] = [layout.lengths[last]!, layout.stepsA[last]!, layout.stepsB[last]!];
      forEachLine(layout, (atA, atB, at) => line(left, atA, stepA, right, atB, stepB, out, at, n));
      return backend.tensorOf(out, layout.shape);
    },
  };
}

function copyOf(backend: BlasBackend, values: Floats): Floats {
  const copy = backend.allocate(values.length);
  copy.set(values);
  return copy;
}

type Shortcut = (backend: BlasBackend, layout: Layout, a: Floats, b: Floats) => Floats | undefined;

/** `a + alpha · b` of large arrays of one shape, by the library: exact, as `alpha` is 1 or −1. */
const axpy =
  (alpha: 1 | -1): Shortcut =>
  (backend, layout, a, b) => {
    if (layout.size < WORTH_A_CALL || !isFlat(layout)) return undefined;
    const out = copyOf(backend, a);
    backend.blas.saxpy(layout.size, alpha, b, 0, out, 0);
    return out;
  };

/** A large array times one number, by the library. Libraries differ about 0 · NaN, so 0 is not for them. */
const scale: Shortcut = (backend, { size, lengths, stepsA, stepsB }, a, b) => {
  if (size < WORTH_A_CALL || lengths.length !== 1) return undefined;
  const [array, factor] = stepsB[0] === 0 ? [a, b[0]!] : stepsA[0] === 0 ? [b, a[0]!] : [a, 0];
  if (factor === 0 || !Number.isFinite(factor) || array.length !== size) return undefined;
  const out = copyOf(backend, array);
  backend.blas.sscal(size, factor, out, 0);
  return out;
};

/** Sum, difference, product and the like of two float32 tensors. */
export const arithmeticKernels: readonly BlasKernel[] = [
  binary("Add", addLine, axpy(1)),
  binary("Sub", subtractLine, axpy(-1)),
  binary("Multiply", multiplyLine, scale),
  binary("RealDiv", divideLine),
  binary("Maximum", maximumLine),
  binary("Minimum", minimumLine),
  binary("SquaredDifference", squaredDifferenceLine),
  binary("Prelu", preluLine, undefined, ["x", "alpha"]),
  binary("EluGrad", eluGradLine, undefined, ["dy", "y"]),
];

/** The sum of several float32 tensors of one shape. */
export const addN: BlasKernel = {
  name: "AddN",
  run({ inputs, backend }) {
    const tensors = inputs as unknown as TensorInfo[];
    const all = tensors.map((each) => backend.floats(each));
    const size = sizeOf(tensors[0]!.shape);
    if (all.some((values) => values?.length !== size)) return undefined;
    const out = copyOf(backend, all[0]!);
    for (const values of all.slice(1)) backend.blas.saxpy(size, 1, values!, 0, out, 0);
    return backend.tensorOf(out, tensors[0]!.shape);
  },
};
