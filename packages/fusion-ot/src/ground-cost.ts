import type { OtOptions } from "./options.js";
import type { UnitRows } from "./unit-rows.js";

/** The options that make a cost of two sets of rows. */
export type CostOptions = Pick<
  OtOptions,
  "metric" | "squared" | "unitRows" | "scale" | "normalization" | "clip" | "regularization"
>;

/** Added to the length of a row before dividing by it. */
const LEAST = 1e-9;

/**
 * Costs of carrying the units of one network to those of another, `[source.units, target.units]`. With rows x and y, of one
 * length and scaled to length 1 if `unitRows`:
 * - `euclidean`: `c[i, j] = (‖x[i] - y[j]‖² / s)^(squared ? 1 : ½)`, where s is 1, the number of images (`scale: samples`)
 *   or the mean of `‖y[j]‖²` (`scale: norm`);
 * - `cosine`: `c[i, j] = 1 - x[i] · y[j] / (‖x[i]‖ ‖y[j]‖)`; a row of zeros is at 0 from another and at 1 from any other row.
 *
 * Then, as a whole: log(1 + c), or c divided by its largest, mean or median (the lower one) entry; and clipped to
 * `[clip.min, clip.max]` times the regularization.
 */
export function groundCost(source: UnitRows, target: UnitRows, options: CostOptions): Float64Array {
  const [x, y] = options.unitRows ? [unitRows(source), unitRows(target)] : [source, target];
  const cost = options.metric === "cosine" ? cosine(x, y) : euclidean(x, y, options);
  return clip(normalize(cost, options.normalization), options);
}

function unitRows(rows: UnitRows): UnitRows {
  const data = new Float32Array(rows.data.length);
  for (let unit = 0; unit < rows.units; unit++) {
    const row = rowOf(rows, unit);
    const norm = Math.sqrt(dot(row, row, 0)) + LEAST;
    data.set(
      row.map((value) => value / norm),
      unit * rows.length,
    );
  }
  return { ...rows, data };
}

function euclidean(x: UnitRows, y: UnitRows, { squared, scale }: CostOptions): Float64Array {
  const divisor = scale === "samples" ? y.samples : scale === "norm" ? meanSquare(y) || 1 : 1;
  const cost = new Float64Array(x.units * y.units);
  for (let i = 0, k = 0; i < x.units; i++) {
    const row = rowOf(x, i);
    for (let j = 0; j < y.units; j++, k++) {
      const square = squaredDistance(row, y.data, j * y.length) / divisor;
      cost[k] = squared ? square : Math.sqrt(square);
    }
  }
  return cost;
}

function cosine(x: UnitRows, y: UnitRows): Float64Array {
  const norms = (rows: UnitRows) =>
    Float64Array.from({ length: rows.units }, (_, unit) => {
      const row = rowOf(rows, unit);
      return Math.sqrt(dot(row, row, 0));
    });
  const [xNorms, yNorms] = [norms(x), norms(y)];
  const cost = new Float64Array(x.units * y.units);
  for (let i = 0, k = 0; i < x.units; i++) {
    const row = rowOf(x, i);
    for (let j = 0; j < y.units; j++, k++) {
      const product = xNorms[i] * yNorms[j];
      const similarity =
        product > 0 ? dot(row, y.data, j * y.length) / product : Number(xNorms[i] === yNorms[j]);
      cost[k] = Math.max(0, 1 - similarity);
    }
  }
  return cost;
}

function normalize(cost: Float64Array, normalization: OtOptions["normalization"]): Float64Array {
  switch (normalization) {
    case "none":
      return cost;
    case "log":
      return cost.map(Math.log1p);
    case "max":
      return dividedBy(
        cost,
        cost.reduce((x, y) => Math.max(x, y), 0),
      );
    case "mean":
      return dividedBy(cost, cost.reduce((x, y) => x + y, 0) / cost.length);
    case "median":
      return dividedBy(cost, cost.toSorted()[(cost.length - 1) >> 1]);
  }
}

/** A cost that is 0 all over, or at its median, has no scale of its own and stays as it is. */
function dividedBy(cost: Float64Array, divisor: number): Float64Array {
  return divisor > 0 ? cost.map((c) => c / divisor) : cost;
}

function clip(cost: Float64Array, { clip: bounds, regularization }: CostOptions): Float64Array {
  if (bounds === null) return cost;
  const [low, high] = [bounds.min * regularization, bounds.max * regularization];
  return cost.map((c) => Math.min(high, Math.max(low, c)));
}

function rowOf({ data, length }: UnitRows, unit: number): Float32Array {
  return data.subarray(unit * length, (unit + 1) * length);
}

/** Mean of the squared lengths of the rows. */
function meanSquare({ data, units }: UnitRows): number {
  return dot(data, data, 0) / units;
}

/** `sum_k x[k] y[from + k]` */
function dot(x: Float32Array, y: Float32Array, from: number): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += x[k] * y[from + k];
  return sum;
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
