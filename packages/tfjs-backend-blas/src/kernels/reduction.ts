import { backend_util, type TensorInfo, util } from "@tensorflow/tfjs-core";
import { type BlasKernel, type KernelArgs, sizeOf } from "./kernel.js";

/** An array seen as `[outer, reduced, inner]`, the middle axis to be reduced. */
interface Reduction {
  readonly values: Float32Array;
  readonly outer: number;
  readonly reduced: number;
  readonly inner: number;
  /** The shape of the result. */
  readonly shape: number[];
}

/** The reduction, if its axes are neighbors and nothing is empty; everything else is the `cpu` backend's. */
function reductionOf({ inputs, attrs, backend }: KernelArgs, axisName: string): Reduction | undefined {
  const x = inputs.x as TensorInfo;
  const values = backend.floats(x);
  if (values === undefined || values.length === 0) return undefined;
  const axes = util.parseAxisParam(attrs[axisName] as number | number[], x.shape).sort((a, b) => a - b);
  const first = axes[0] ?? 0;
  const end = first + axes.length;
  if (axes.length > 0 && axes[axes.length - 1] !== end - 1) return undefined;
  const [kept] = backend_util.computeOutAndReduceShapes(x.shape, axes);
  return {
    values,
    outer: sizeOf(x.shape.slice(0, first)),
    reduced: sizeOf(x.shape.slice(first, end)),
    inner: sizeOf(x.shape.slice(end)),
    shape: attrs.keepDims === true ? backend_util.expandShapeToKeepDim(kept, axes) : kept,
  };
}

/** Sums along the middle axis times `factor`, added up in double precision as the `cpu` backend does. */
function sums({ values, outer, reduced, inner }: Reduction, factor: number): Float32Array {
  const out = new Float32Array(outer * inner);
  if (inner === 1) {
    for (let i = 0, at = 0; i < outer; i++) {
      let sum = 0;
      for (const end = at + reduced; at < end; at++) sum += values[at]!;
      out[i] = sum * factor;
    }
    return out;
  }
  const line = new Float64Array(inner);
  for (let i = 0, at = 0; i < outer; i++) {
    line.fill(0);
    for (let j = 0; j < reduced; j++) {
      for (let k = 0; k < inner; k++, at++) line[k] = line[k]! + values[at]!;
    }
    for (let k = 0; k < inner; k++) out[i * inner + k] = line[k]! * factor;
  }
  return out;
}

/** The largest number along the middle axis; NaN if there is one. */
function largest({ values, outer, reduced, inner }: Reduction): Float32Array {
  const out = new Float32Array(outer * inner);
  for (let i = 0; i < outer; i++) {
    for (let k = 0; k < inner; k++) {
      let max = Number.NEGATIVE_INFINITY;
      for (let j = 0, at = i * reduced * inner + k; j < reduced; j++, at += inner)
        max = Math.max(max, values[at]!);
      out[i * inner + k] = max;
    }
  }
  return out;
}

/** Where the first largest number stands along the middle axis. A NaN is larger than nothing. */
function largestAt({ values, outer, reduced, inner }: Reduction): Int32Array {
  const out = new Int32Array(outer * inner);
  for (let i = 0; i < outer; i++) {
    for (let k = 0; k < inner; k++) {
      const start = i * reduced * inner + k;
      let max = values[start]!;
      let position = 0;
      for (let j = 1, at = start + inner; j < reduced; j++, at += inner) {
        if (values[at]! > max) {
          max = values[at]!;
          position = j;
        }
      }
      out[i * inner + k] = position;
    }
  }
  return out;
}

/** Sums, means and maxima along neighboring axes. */
export const reductionKernels: readonly BlasKernel[] = [
  {
    name: "Sum",
    run(args) {
      const reduction = reductionOf(args, "axis");
      return reduction && args.backend.tensorOf(sums(reduction, 1), reduction.shape);
    },
  },
  {
    name: "Mean",
    run(args) {
      const reduction = reductionOf(args, "axis");
      return reduction && args.backend.tensorOf(sums(reduction, 1 / reduction.reduced), reduction.shape);
    },
  },
  {
    name: "Max",
    run(args) {
      const reduction = reductionOf(args, "reductionIndices");
      return reduction && args.backend.tensorOf(largest(reduction), reduction.shape);
    },
  },
  {
    name: "ArgMax",
    run(args) {
      const [axis] = util.parseAxisParam(args.attrs.axis as number, args.inputs.x!.shape);
      const reduction = reductionOf({ ...args, attrs: { axis: axis! } }, "axis");
      return reduction && args.backend.tensorOf(largestAt(reduction), reduction.shape, "int32");
    },
  },
];
