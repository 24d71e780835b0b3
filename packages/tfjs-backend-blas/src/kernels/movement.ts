import { slice_util, type TensorInfo, util } from "@tensorflow/tfjs-core";
import type { BlasBackend } from "../backend/backend.js";
import { copyBlock, stepsOfShape } from "./copy-block.js";
import { type BlasKernel, sizeOf } from "./kernel.js";

type Values = Float32Array | Int32Array | Uint8Array;

/** The numbers of a tensor of any numeric type that is stored as that type. */
function numbersOf(backend: BlasBackend, tensor: TensorInfo): Values | undefined {
  const { values } = backend.data.get(tensor.dataId) as { values?: unknown };
  if (tensor.dtype === "float32" && values instanceof Float32Array) return values;
  if (tensor.dtype === "int32" && values instanceof Int32Array) return values;
  if (tensor.dtype === "bool" && values instanceof Uint8Array) return values;
  return undefined;
}

/** An array of the same type with room for `size` zeros. */
function emptyLike(values: Values, size: number): Values {
  if (values instanceof Float32Array) return new Float32Array(size);
  return values instanceof Int32Array ? new Int32Array(size) : new Uint8Array(size);
}

/** The axes in another order. */
const transpose: BlasKernel = {
  name: "Transpose",
  run({ inputs, attrs, backend }) {
    const x = inputs.x as TensorInfo;
    const perm = attrs.perm as number[];
    const values = numbersOf(backend, x);
    if (values === undefined) return undefined;
    const steps = stepsOfShape(x.shape);
    const shape = perm.map((axis) => x.shape[axis]!);
    const out = emptyLike(values, values.length);
    copyBlock(
      shape,
      values,
      0,
      perm.map((axis) => steps[axis]!),
      out,
      0,
      stepsOfShape(shape),
    );
    return backend.tensorOf(out, shape, x.dtype);
  },
};

/** A block of a tensor. A slice that lies in one piece stays the `cpu` backend's, which copies nothing. */
const slice: BlasKernel = {
  name: "Slice",
  run({ inputs, attrs, backend }) {
    const x = inputs.x as TensorInfo;
    const values = numbersOf(backend, x);
    if (values === undefined) return undefined;
    const [begin, size] = slice_util.parseSliceParams(
      x as Parameters<typeof slice_util.parseSliceParams>[0],
      attrs.begin as number[],
      attrs.size as number[],
    ) as [number[], number[]];
    if (slice_util.isSliceContinous(x.shape, begin, size)) return undefined;
    slice_util.assertParamsValid(x as Parameters<typeof slice_util.assertParamsValid>[0], begin, size);
    const steps = stepsOfShape(x.shape);
    const out = emptyLike(values, sizeOf(size));
    copyBlock(size, values, slice_util.computeFlatOffset(begin, steps), steps, out, 0, stepsOfShape(size));
    return backend.tensorOf(out, size, x.dtype);
  },
};

/** A tensor with a margin of one number around it. */
const pad: BlasKernel = {
  name: "PadV2",
  run({ inputs, attrs, backend }) {
    const x = inputs.x as TensorInfo;
    const paddings = attrs.paddings as [number, number][];
    const values = numbersOf(backend, x);
    if (values === undefined) return undefined;
    const shape = x.shape.map((length, axis) => paddings[axis]![0] + length + paddings[axis]![1]);
    const steps = stepsOfShape(shape);
    const out = emptyLike(values, sizeOf(shape));
    if (attrs.constantValue !== 0) out.fill(attrs.constantValue as number);
    const start = paddings.reduce((sum, [before], axis) => sum + before * steps[axis]!, 0);
    copyBlock(x.shape, values, 0, stepsOfShape(x.shape), out, start, steps);
    return backend.tensorOf(out, shape, x.dtype);
  },
};

/** A tensor repeated along its axes. */
const tile: BlasKernel = {
  name: "Tile",
  run({ inputs, attrs, backend }) {
    const x = inputs.x as TensorInfo;
    const reps = attrs.reps as number[];
    const values = numbersOf(backend, x);
    if (values === undefined || reps.length !== x.shape.length) return undefined;
    const shape = x.shape.map((length, axis) => length * reps[axis]!);
    const out = emptyLike(values, sizeOf(shape));
    const own = stepsOfShape(x.shape);
    const steps = stepsOfShape(shape);
    // Every axis becomes two: which repetition, and where in it.
    copyBlock(
      x.shape.flatMap((length, axis) => [reps[axis]!, length]),
      values,
      0,
      own.flatMap((step) => [0, step]),
      out,
      0,
      steps.flatMap((step, axis) => [step * x.shape[axis]!, step]),
    );
    return backend.tensorOf(out, shape, x.dtype);
  },
};

/** Rows picked by their numbers, along any axis. */
const gather: BlasKernel = {
  name: "GatherV2",
  run({ inputs, attrs, backend }) {
    const { x, indices } = inputs as { x: TensorInfo; indices: TensorInfo };
    const values = numbersOf(backend, x);
    const picked = numbersOf(backend, indices);
    const [axis] = util.parseAxisParam(attrs.axis as number, x.shape) as [number];
    if (values === undefined || !(picked instanceof Int32Array) || attrs.batchDims) return undefined;
    const length = x.shape[axis]!;
    // A number out of range is the cpu backend's to report.
    if (picked.some((each) => each < 0 || each >= length)) return undefined;
    const outer = sizeOf(x.shape.slice(0, axis));
    const inner = sizeOf(x.shape.slice(axis + 1));
    const out = emptyLike(values, outer * picked.length * inner);
    for (let i = 0, to = 0; i < outer; i++) {
      for (let j = 0; j < picked.length; j++, to += inner) {
        const from = (i * length + picked[j]!) * inner;
        if (inner < 24) for (let k = 0; k < inner; k++) out[to + k] = values[from + k]!;
        else out.set(values.subarray(from, from + inner), to);
      }
    }
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    return backend.tensorOf(out, shape, x.dtype);
  },
};

/** Kernels that move numbers and change none. */
export const movementKernels: readonly BlasKernel[] = [transpose, slice, pad, tile, gather];
