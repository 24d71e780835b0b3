/** Row-major square matrix. */
export type Matrix = readonly (readonly number[])[];

/**
 * Solution of `matrix` x = `right` for a positive definite matrix, by Cholesky: matrix = L Lᵀ. Where rounding has left it singular,
 * the pivot is 10⁻¹² of the diagonal.
 */
function solve(matrix: Matrix, right: readonly number[]): number[] {
  const n = right.length;
  const low = Array.from({ length: n }, () => new Float64Array(n));
  const x = [...right];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i][j];
      for (let k = 0; k < j; k++) sum -= low[i][k] * low[j][k];
      low[i][j] = i === j ? Math.sqrt(Math.max(sum, 1e-12 * matrix[i][i])) : sum / low[j][j];
    }
    for (let k = 0; k < i; k++) x[i] -= low[i][k] * x[k];
    x[i] /= low[i][i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] -= low[k][i] * x[k];
    x[i] /= low[i][i];
  }
  return x;
}

/**
 * The x ≥ 0 that makes ½ xᵀ Q x + bᵀ x least, for a positive definite Q: exact up to rounding, by active sets (Lawson & Hanson
 * 1974, Solving Least Squares Problems, algorithm NNLS). Variables that are free to move are found one by one, the one whose
 * slope is steepest next; a step that would make free ones negative stops at the first 0, which is fixed again.
 *
 * Made for some dozens of variables. At the solution the slopes Q x + b are 0 where x > 0, and ≥ 0 where x = 0.
 *
 * @example
 * minimizeNonnegative([[2, 0], [0, 2]], [-2, 4]); // [1, 0]
 */
export function minimizeNonnegative(Q: Matrix, b: readonly number[]): number[] {
  const n = b.length;
  const x = new Array<number>(n).fill(0);
  const free: number[] = [];
  /** The fixed variable with the steepest slope below 0; none, where slopes are 0 up to rounding. */
  const steepest = (): number | undefined => {
    let [found, least]: [number | undefined, number] = [undefined, 0];
    for (let i = 0; i < n; i++) {
      if (free.includes(i)) continue;
      const terms = Q[i].map((q, j) => q * x[j]);
      const slope = terms.reduce((sum, term) => sum + term, b[i]);
      const rounding = 1e-12 * terms.reduce((sum, term) => sum + Math.abs(term), Math.abs(b[i]));
      if (slope < Math.min(least, -rounding)) [found, least] = [i, slope];
    }
    return found;
  };
  // Rounding alone could go in circles: some rounds per variable are more than are ever needed.
  for (let round = 0; round < 10 * n; round++) {
    const next = steepest();
    if (next === undefined) break;
    free.push(next);
    for (let share = 0; share < 1; ) {
      const best = solve(
        free.map((i) => free.map((j) => Q[i][j])),
        free.map((i) => -b[i]),
      );
      // How far each may go towards the best before it is 0.
      const shares = best.map((to, k) => {
        const from = x[free[k]];
        if (to > 0) return 1;
        return from === 0 ? 0 : from / (from - to);
      });
      share = Math.min(...shares);
      // Down its slope the new one cannot but grow: if it does not, rounding decides, and this is the solution.
      if (x[next] === 0 && share === 0) return x;
      free.forEach((i, k) => {
        x[i] = share < 1 && shares[k] === share ? 0 : x[i] + share * (best[k] - x[i]);
      });
      for (let k = free.length - 1; k >= 0; k--) if (x[free[k]] === 0) free.splice(k, 1);
    }
  }
  return x;
}
