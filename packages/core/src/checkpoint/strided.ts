import type { ArrayValue } from "../contracts/params.js";
import { sizeOf } from "../numerics/params.js";

/** Row-major strides of a shape, in values. */
function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

/** Row-major copy of the view of `data` that begins at `offset` and steps by `strides` along the axes of `shape`. */
export function contiguous(
  data: Float32Array,
  shape: readonly number[],
  strides: readonly number[],
  offset = 0,
): Float32Array {
  const result = new Float32Array(sizeOf(shape));
  const index = shape.map(() => 0);
  let position = offset;
  for (let i = 0; i < result.length; i++) {
    result[i] = data[position];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position += strides[axis];
      if (++index[axis] < shape[axis]) break;
      position -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}

/** Axis i of the result is axis `axes[i]` of `value`. */
export function transpose({ shape, data }: ArrayValue, axes: readonly number[]): ArrayValue {
  const strides = stridesOf(shape);
  const newShape = axes.map((axis) => shape[axis]);
  const newStrides = axes.map((axis) => strides[axis]);
  return { shape: newShape, data: contiguous(data, newShape, newStrides) };
}
