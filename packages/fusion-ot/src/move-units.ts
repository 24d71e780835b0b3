import { type ArrayValue, type Params, sizeOf, type UnitGroup } from "@isthmus/core";

/** A transport plan between the units of a group in two networks. */
export interface UnitPlan {
  /** Mass of source unit i that goes to target unit j, `[n, m]`. */
  readonly plan: Float64Array;
  /** Masses of the source's units, `[n]`. */
  readonly a: Float64Array;
  /** Masses of the target's units, `[m]`. */
  readonly b: Float64Array;
}

/** The shares of source units in target units that a plan stands for; only pairs that carry mass. */
interface Shares {
  readonly from: number;
  readonly to: number;
  readonly incoming: number;
  readonly outgoing: number;
}

/**
 * Weights in which the units of `group` are those the plan makes, in the target's number and order.
 *
 * What feeds a unit is averaged: `incoming[j] = sum_i plan[i, j] / b[j] · w[i]`. What reads it is passed on in full:
 * `outgoing[j] = sum_i plan[i, j] / a[i] · w[i]`, so that units which are merged or split keep their joint effect. With
 * as many units on both sides and uniform masses the two are the same, and a permutation if the plan is one.
 */
export function moveUnits(params: Params, group: UnitGroup, { plan, a, b }: UnitPlan): Params {
  const shares: Shares[] = [];
  for (let j = 0; j < b.length; j++) {
    for (let i = 0; i < a.length; i++) {
      const mass = plan[i * b.length + j];
      if (mass > 0) shares.push({ from: i, to: j, incoming: mass / b[j], outgoing: mass / a[i] });
    }
  }
  const moved = new Map(params);
  for (const { parameter, axis, side } of group.axes) {
    moved.set(parameter, moveAxis(moved.get(parameter)!, axis, b.length, side, shares));
  }
  return moved;
}

/** `value` with the units on `axis` replaced by `size` sums of shares, in double precision. */
function moveAxis(
  { shape, data }: ArrayValue,
  axis: number,
  size: number,
  side: "incoming" | "outgoing",
  shares: readonly Shares[],
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
