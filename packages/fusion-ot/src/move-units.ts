import { type ArrayValue, type Params, sizeOf, type UnitAxis, type UnitGroup } from "@isthmus/core";
import type { UnitMap } from "./unit-map.js";

type Side = UnitAxis["side"];

/**
 * Weights in which the units of `group` are those that `map` makes of them, in number and order:
 * `incoming[j] = sum_i map.incoming[i, j] w[i]` on the axes that feed them, and the same with `outgoing` on those that read
 * them. Only the given sides are moved.
 */
export function moveUnits(
  params: Params,
  group: UnitGroup,
  map: UnitMap,
  sides: readonly Side[] = ["incoming", "outgoing"],
): Params {
  const moved = new Map(params);
  for (const { parameter, axis, side } of group.axes) {
    if (sides.includes(side)) moved.set(parameter, moveAxis(moved.get(parameter)!, axis, side, map));
  }
  return moved;
}

/** `value` with the units on `axis` replaced by sums of shares, in double precision. */
function moveAxis(
  { shape, data }: ArrayValue,
  axis: number,
  side: Side,
  { size, shares }: UnitMap,
): ArrayValue {
  const inner = sizeOf(shape.slice(axis + 1));
  const block = shape[axis] * inner;
  const outer = data.length / block;
  const result = new Float32Array(outer * size * inner);
  const sums = new Float64Array(size * inner);
  for (let o = 0; o < outer; o++) {
    sums.fill(0);
    for (const { from, to, [side]: share } of shares) {
      const source = o * block + from * inner;
      const target = to * inner;
      for (let k = 0; k < inner; k++) sums[target + k] += share * data[source + k];
    }
    result.set(sums, o * size * inner);
  }
  return { shape: shape.with(axis, size), data: result };
}
