import { checkCost, checkPositive, checkScaling, massOf, type ScalingSettings } from "./check.js";
import { planOf, ScalingKernel } from "./scaling-kernel.js";

/** How far and how long `unbalanced` goes; `tolerance` is the largest change of the logarithm of a scaling at which it stops. */
export interface UnbalancedSettings extends ScalingSettings {
  /** Weight ρ > 0 of the marginals, in the units of the cost; as it grows the plan keeps them. */
  readonly marginalRegularization: number;
}

/** An entropic plan that may create and destroy mass. */
export interface UnbalancedTransport {
  /** Mass carried from row i to column j, `[n, m]`. */
  readonly plan: Float64Array;
  readonly iterations: number;
  /** Whether the last change was within the tolerance. */
  readonly converged: boolean;
}

/**
 * Unbalanced transport with entropy: minimize
 * `sum_ij P[i, j] cost[i, j] + ε sum_ij P[i, j] (log P[i, j] - 1) + ρ KL(P 1 | a) + ρ KL(Pᵀ 1 | b)`
 * over all non-negative plans (Chizat et al. 2018, arXiv 1607.05816).
 *
 * Alternates `f[i] = φ (ε log a[i] - ε log sum_j exp((g[j] - cost[i, j]) / ε))` with `φ = ρ / (ρ + ε)`, and the same for g,
 * stabilized; `P = exp((f + g - cost) / ε)`. With ρ → ∞ it is {@link sinkhorn}.
 *
 * @param cost `[n, m]`, row by row. @param a `[n]` and @param b `[m]`: masses, not negative; their totals may differ.
 * @throws RangeError on sizes that disagree, costs that are not finite, bad masses or settings out of range.
 */
export function unbalanced(
  cost: Float64Array,
  a: Float64Array,
  b: Float64Array,
  { regularization, marginalRegularization, maxIterations, tolerance }: UnbalancedSettings,
): UnbalancedTransport {
  const n = a.length;
  const m = b.length;
  checkCost("unbalanced", cost, n, m);
  massOf("unbalanced", "a", a);
  massOf("unbalanced", "b", b);
  checkScaling("unbalanced", { regularization, maxIterations, tolerance });
  checkPositive("unbalanced", "marginalRegularization", marginalRegularization);

  const scaled = cost.map((c) => c / regularization);
  const kernel = new ScalingKernel(scaled, n, m);
  const logA = a.map(Math.log);
  const logB = b.map(Math.log);
  const share = marginalRegularization / (marginalRegularization + regularization);
  let f = new Float64Array(n);
  let g = new Float64Array(m);
  let iterations = 0;
  let change = Number.POSITIVE_INFINITY;
  while (iterations < maxIterations && change > tolerance) {
    const nextF = kernel.rowPotentials(g, logA).map((x) => share * x);
    const nextG = kernel.columnPotentials(nextF, logB).map((x) => share * x);
    change = Math.max(largestChange(f, nextF), largestChange(g, nextG));
    f = nextF;
    g = nextG;
    iterations++;
  }
  return { plan: planOf(scaled, f, g), iterations, converged: change <= tolerance };
}

/** Largest `|x[i] - y[i]|`; entries that are the same infinity (rows without mass) count as unchanged. */
function largestChange(x: Float64Array, y: Float64Array): number {
  let largest = 0;
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) largest = Math.max(largest, Math.abs(x[i] - y[i]));
  return largest;
}
