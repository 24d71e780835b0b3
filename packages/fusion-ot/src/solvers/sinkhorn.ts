import { checkCost, checkMarginals } from "./check.js";

/** How far and how long `sinkhorn` goes. */
export interface SinkhornSettings {
  /** Weight ε > 0 of the entropy, in the units of the cost; the smaller, the closer to the exact plan and the slower. */
  readonly regularization: number;
  /** Most updates of both scalings, at least 1. */
  readonly maxIterations: number;
  /** Stops when the row sums are this close to `a`, as a share of the total mass; 0 or more. */
  readonly tolerance: number;
}

/** An entropic transport plan. */
export interface SinkhornTransport {
  /** Mass carried from row i to column j, `[n, m]`. Column sums are `b`; row sums are `a` up to `marginalError`. */
  readonly plan: Float64Array;
  /** `sum_ij plan[i, j] cost[i, j]`, without the entropy. */
  readonly total: number;
  readonly iterations: number;
  /** Whether `marginalError` came down to the tolerance. */
  readonly converged: boolean;
  /** `sum_i |sum_j plan[i, j] - a[i]|` as a share of the total mass. */
  readonly marginalError: number;
}

/**
 * Transport with entropy: minimize `sum_ij P[i, j] cost[i, j] + ε sum_ij P[i, j] (log P[i, j] - 1)` over plans with row
 * sums `a` and column sums `b` (M. Cuturi, 2013, arXiv 1306.0895).
 *
 * Alternates `f[i] = ε log a[i] - ε log sum_j exp((g[j] - cost[i, j]) / ε)` and the same for g, in the log domain, so
 * that a small ε does not underflow; `P = exp((f + g - cost) / ε)`.
 *
 * @param cost `[n, m]`, row by row. @param a `[n]` and @param b `[m]`: masses, not negative, of equal total.
 * @throws RangeError on sizes that disagree, costs that are not finite, bad masses or settings out of range.
 */
export function sinkhorn(
  cost: Float64Array,
  a: Float64Array,
  b: Float64Array,
  { regularization, maxIterations, tolerance }: SinkhornSettings,
): SinkhornTransport {
  const n = a.length;
  const m = b.length;
  checkCost("sinkhorn", cost, n, m);
  checkMarginals("sinkhorn", a, b);
  checkSettings(regularization, maxIterations, tolerance);

  const scaled = cost.map((c) => c / regularization);
  const transposed = transpose(scaled, n, m);
  const logA = a.map(Math.log);
  const logB = b.map(Math.log);
  const mass = a.reduce((sum, x) => sum + x, 0);
  let f = new Float64Array(n);
  let g = new Float64Array(m);
  let nextF = softMinimum(scaled, g, logA);
  let iterations = 0;
  let marginalError = Number.POSITIVE_INFINITY;
  while (iterations < maxIterations && marginalError > tolerance) {
    f = nextF;
    g = softMinimum(transposed, f, logB);
    nextF = softMinimum(scaled, g, logA);
    iterations++;
    // Row i of the plan now sums to a[i] exp(f[i] - nextF[i]).
    marginalError = 0;
    for (let i = 0; i < n; i++) {
      if (a[i] > 0) marginalError += Math.abs(Math.expm1(f[i] - nextF[i])) * a[i];
    }
    marginalError /= mass;
  }

  const plan = new Float64Array(n * m);
  let total = 0;
  for (let i = 0, k = 0; i < n; i++) {
    for (let j = 0; j < m; j++, k++) {
      plan[k] = Math.exp(f[i] + g[j] - scaled[k]);
      total += plan[k] * cost[k];
    }
  }
  return { plan, total, iterations, converged: marginalError <= tolerance, marginalError };
}

/** `logMass[i] - log sum_j exp(potential[j] - scaled[i, j])` for each row i; -∞ where the row has no mass. */
function softMinimum(
  scaled: Float64Array,
  potential: Float64Array,
  logMass: Float64Array,
): Float64Array<ArrayBuffer> {
  const columns = potential.length;
  const result = new Float64Array(logMass.length);
  for (let i = 0; i < result.length; i++) {
    const row = i * columns;
    let largest = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < columns; j++) {
      const exponent = potential[j] - scaled[row + j];
      if (exponent > largest) largest = exponent;
    }
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += Math.exp(potential[j] - scaled[row + j] - largest);
    result[i] = logMass[i] - largest - Math.log(sum);
  }
  return result;
}

function transpose(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(matrix.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = matrix[i * columns + j];
  }
  return result;
}

function checkSettings(regularization: number, maxIterations: number, tolerance: number): void {
  if (!(regularization > 0) || regularization === Number.POSITIVE_INFINITY) {
    throw new RangeError(`sinkhorn: regularization is ${regularization}; it must be positive and finite.`);
  }
  if (!Number.isInteger(maxIterations) || maxIterations < 1) {
    throw new RangeError(
      `sinkhorn: maxIterations is ${maxIterations}; it must be a whole number of at least 1.`,
    );
  }
  if (!(tolerance >= 0)) {
    throw new RangeError(`sinkhorn: tolerance is ${tolerance}; it must be 0 or more.`);
  }
}
