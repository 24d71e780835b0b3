import type { Model } from "../contracts/model.js";
import type { ArrayValue, Params } from "../contracts/params.js";
import { sizeOf } from "./params.js";

/** `value` with entry i of `axis` taken from entry `order[i]`; the axis gets the length of `order`. */
export function gatherAxis({ shape, data }: ArrayValue, axis: number, order: ArrayLike<number>): ArrayValue {
  const inner = sizeOf(shape.slice(axis + 1));
  const outer = sizeOf(shape.slice(0, axis));
  const length = shape[axis];
  const result = new Float32Array(outer * order.length * inner);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < order.length; i++) {
      const from = (o * length + order[i]) * inner;
      result.set(data.subarray(from, from + inner), (o * order.length + i) * inner);
    }
  }
  return { shape: shape.map((size, a) => (a === axis ? order.length : size)), data: result };
}

/**
 * The same function with its hidden units in another order: unit i of a group becomes what unit `orders.get(group)[i]` was.
 * Groups without an entry stay as they are.
 */
export function permuteUnits(
  model: Model,
  params: Params,
  orders: ReadonlyMap<string, ArrayLike<number>>,
): Params {
  const result = new Map(params);
  for (const group of model.symmetry) {
    const order = orders.get(group.name);
    if (order === undefined) continue;
    for (const { parameter, axis } of group.axes) {
      result.set(parameter, gatherAxis(result.get(parameter) as ArrayValue, axis, order));
    }
  }
  return result;
}
