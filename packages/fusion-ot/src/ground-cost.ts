import type { UnitRows } from "./unit-rows.js";

/**
 * Distances between the units of two networks, `[source.units, target.units]`:
 * `cost[i, j] = ‖source[i] - target[j]‖`, or its square. Rows must be of one length.
 */
export function groundCost(source: UnitRows, target: UnitRows, squared: boolean): Float64Array {
  const { length } = source;
  const cost = new Float64Array(source.units * target.units);
  for (let i = 0, k = 0; i < source.units; i++) {
    const x = source.data.subarray(i * length, (i + 1) * length);
    for (let j = 0; j < target.units; j++, k++) {
      const square = squaredDistance(x, target.data, j * length);
      cost[k] = squared ? square : Math.sqrt(square);
    }
  }
  return cost;
}

/** `sum_k (x[k] - y[from + k])²`; four sums at a time, so that additions need not wait for each other. */
function squaredDistance(x: Float32Array, y: Float32Array, from: number): number {
  const { length } = x;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < length; k += 4) {
    const d0 = x[k] - y[from + k];
    const d1 = x[k + 1] - y[from + k + 1];
    const d2 = x[k + 2] - y[from + k + 2];
    const d3 = x[k + 3] - y[from + k + 3];
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  for (; k < length; k++) {
    const d = x[k] - y[from + k];
    s0 += d * d;
  }
  return s0 + s1 + (s2 + s3);
}
