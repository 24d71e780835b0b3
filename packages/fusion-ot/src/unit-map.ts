import type { OtOptions } from "./options.js";

/** The share of a source unit in a target unit: of what feeds it, and of what reads it. */
export interface Share {
  readonly from: number;
  readonly to: number;
  readonly incoming: number;
  readonly outgoing: number;
}

/** How the units of a target are made of those of a source; pairs that share nothing are left out. */
export interface UnitMap {
  /** Number of target units. */
  readonly size: number;
  readonly shares: readonly Share[];
}

/**
 * What a plan T `[n, m]` makes of units. With its column sums c and row sums r (`properMarginals`, and always where n ≠ m)
 * or 1/m and 1/n in their place:
 * - `incoming[i, j] = T[i, j] / c[j]`: what feeds target unit j is an average over source units;
 * - `outgoing[i, j] = T[i, j] / r[i]` (`conserve`): what reads source unit i is passed on in full, so that units which are
 *   merged or split keep their joint effect; or `T[i, j] / c[j]` (`average`), the same average as on the other side.
 *
 * Without `correction` both are T itself. With as many units on both sides, equal masses and correction they are
 * one and the same, and a permutation if T is one.
 */
export function unitMap(
  plan: Float64Array,
  n: number,
  m: number,
  { correction, properMarginals, outgoing }: Pick<OtOptions, "correction" | "properMarginals" | "outgoing">,
): UnitMap {
  const proper = properMarginals || n !== m;
  const rows = new Float64Array(n).fill(proper ? 0 : 1 / n);
  const columns = new Float64Array(m).fill(proper ? 0 : 1 / m);
  if (proper) {
    plan.forEach((mass, k) => {
      rows[Math.floor(k / m)] += mass;
      columns[k % m] += mass;
    });
  }
  const shares: Share[] = [];
  for (let j = 0; j < m; j++) {
    for (let i = 0; i < n; i++) {
      const mass = plan[i * m + j];
      if (mass <= 0) continue;
      const average = correction ? mass / columns[j] : mass;
      const full = correction && outgoing === "conserve" ? mass / rows[i] : average;
      shares.push({ from: i, to: j, incoming: average, outgoing: full });
    }
  }
  return { size: m, shares };
}
