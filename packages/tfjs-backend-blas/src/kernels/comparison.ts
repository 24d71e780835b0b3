import type { TensorInfo } from "@tensorflow/tfjs-core";
import { forEachLine, layoutOf } from "./broadcast.js";
import type { BlasKernel } from "./kernel.js";

type Floats = Float32Array;

/** One line of a comparison; the answers are 0 or 1. See `Line` of the arithmetic for the arguments. */
type Line = (
  ...args: [
    a: Floats,
    atA: number,
    stepA: number,
    b: Floats,
    atB: number,
    stepB: number,
    out: Uint8Array,
    at: number,
    n: number,
  ]
) => void;

const greaterLine: Line = (a, atA, stepA, b, atB, stepB, out, at, n) => {
  for (const end = at + n; at < end; at++, atA += stepA, atB += stepB) out[at] = Number(a[atA]! > b[atB]!);
};
const greaterEqualLine: Line = (a, atA, stepA, b, atB, stepB, out, at, n) => {
  for (const end = at + n; at < end; at++, atA += stepA, atB += stepB) out[at] = Number(a[atA]! >= b[atB]!);
};
const lessLine: Line = (a, atA, stepA, b, atB, stepB, out, at, n) => {
  for (const end = at + n; at < end; at++, atA += stepA, atB += stepB) out[at] = Number(a[atA]! < b[atB]!);
};
const lessEqualLine: Line = (a, atA, stepA, b, atB, stepB, out, at, n) => {
  for (const end = at + n; at < end; at++, atA += stepA, atB += stepB) out[at] = Number(a[atA]! <= b[atB]!);
};
const equalLine: Line = (a, atA, stepA, b, atB, stepB, out, at, n) => {
  for (const end = at + n; at < end; at++, atA += stepA, atB += stepB) out[at] = Number(a[atA]! === b[atB]!);
};
const notEqualLine: Line = (a, atA, stepA, b, atB, stepB, out, at, n) => {
  for (const end = at + n; at < end; at++, atA += stepA, atB += stepB) out[at] = Number(a[atA]! !== b[atB]!);
};

/** A comparison of float32 tensors, with every way of broadcasting; the result is of type bool. */
function comparison(name: string, line: Line): BlasKernel {
  return {
    name,
    run({ inputs, backend }) {
      const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
      const left = backend.floats(a);
      const right = backend.floats(b);
      if (left === undefined || right === undefined) return undefined;
      const layout = layoutOf(a.shape, b.shape);
      const out = new Uint8Array(layout.size);
      const last = layout.lengths.length - 1;
      const [n, stepA, stepB] = [layout.lengths[last]!, layout.stepsA[last]!, layout.stepsB[last]!];
      forEachLine(layout, (atA, atB, at) => line(left, atA, stepA, right, atB, stepB, out, at, n));
      return backend.tensorOf(out, layout.shape, "bool");
    },
  };
}

/** Comparisons of two float32 tensors, and the choice by one. */
export const comparisonKernels: readonly BlasKernel[] = [
  comparison("Greater", greaterLine),
  comparison("GreaterEqual", greaterEqualLine),
  comparison("Less", lessLine),
  comparison("LessEqual", lessEqualLine),
  comparison("Equal", equalLine),
  comparison("NotEqual", notEqualLine),
  {
    name: "Select",
    run({ inputs, backend }) {
      const { condition, t, e } = inputs as { condition: TensorInfo; t: TensorInfo; e: TensorInfo };
      const yes = backend.floats(t);
      const no = backend.floats(e);
      const choice = backend.data.get(condition.dataId).values;
      if (yes === undefined || no === undefined || !(choice instanceof Uint8Array)) return undefined;
      if (choice.length !== yes.length || no.length !== yes.length) return undefined;
      const out = backend.allocate(yes.length);
      for (let i = 0; i < out.length; i++) out[i] = choice[i] === 1 ? yes[i]! : no[i]!;
      return backend.tensorOf(out, t.shape);
    },
  },
];
