import type { Features } from "./features.js";

/**
 * An order of `rows` such that the mean of the first n features is as near as can be, greedily, to the mean of all (iCaRL,
 * Rebuffi et al. 2017, arXiv 1611.07725, algorithm 4). The first `count` of it; a truncated order stays one.
 */
export function herd({ width, values }: Features, rows: readonly number[], count: number): number[] {
  const feature = (row: number) => values.subarray(row * width, (row + 1) * width);
  const mean = new Float64Array(width);
  for (const row of rows) for (let d = 0; d < width; d++) mean[d] += feature(row)[d] / rows.length;
  const sum = new Float64Array(width);
  const left = new Set(rows);
  const order: number[] = [];
  while (order.length < Math.min(count, rows.length)) {
    const n = order.length + 1;
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (const row of left) {
      const own = feature(row);
      let distance = 0;
      for (let d = 0; d < width; d++) distance += (mean[d] - (sum[d] + own[d]) / n) ** 2;
      if (distance < least) [best, least] = [row, distance];
    }
    for (let d = 0; d < width; d++) sum[d] += feature(best)[d];
    left.delete(best);
    order.push(best);
  }
  return order;
}
