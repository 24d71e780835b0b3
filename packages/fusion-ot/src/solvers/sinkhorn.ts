import { checkCost, checkMarginals, checkScaling, type ScalingSettings } from "./check.js";
import { planOf, ScalingKernel } from "./scaling-kernel.js";

/** How far and how long `sinkhorn` goes; it stops when the row sums are within `tolerance` of `a`, as a share of the total mass. */
export type SinkhornSettings = ScalingSettings;

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
 * Alternates `f[i] = ε log a[i] - ε log sum_j exp((g[j] - cost[i, j]) / ε)` and the same for g,
 * stabilized so that a small ε does not underflow; `P = exp((f + g - cost) / ε)`.
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
  checkScaling("sinkhorn", { regularization, maxIterations, tolerance });

  const scaled = cost.map((c) => c / regularization);
  const kernel = new ScalingKernel(scaled, n, m);
  const logA = a.map(Math.log);
  const logB = b.map(Math.log);
  const mass = a.reduce((sum, x) => sum + x, 0);
  let f = new Float64Array(n);
  let g = new Float64Array(m);
  let nextF = kernel.rowPotentials(g, logA);
  let iterations = 0;
  let marginalError = Number.POSITIVE_INFINITY;
  while (iterations < maxIterations && marginalError > tolerance) {
    f = nextF;
    g = kernel.columnPotentials(f, logB);
    nextF = kernel.rowPotentials(g, logA);
    iterations++;
    // Row i of the plan now sums to a[i] exp(f[i] - nextF[i]).
    marginalError = 0;
    for (let i = 0; i < n; i++) {
      if (a[i] > 0) marginalError += Math.abs(Math.expm1(f[i] - nextF[i])) * a[i];
    }
    marginalError /= mass;
  }

  const plan = planOf(scaled, f, g);
  const total = plan.reduce((sum, p, k) => sum + p * cost[k], 0);
  return { plan, total, iterations, converged: marginalError <= tolerance, marginalError };
}
