import { assignment } from "./assignment.js";
import { transport } from "./transport.js";

/**
 * The exact plan `[n, m]` between marginals `a` `[n]` and `b` `[m]`: an assignment where both are uniform and of equal
 * length (a vertex of that polytope is a permutation), else the transportation simplex.
 *
 * @throws RangeError as `assignment` and `transport` do.
 */
export function exactPlan(cost: Float64Array, a: Float64Array, b: Float64Array): Float64Array {
  const n = a.length;
  const mass = a[0];
  const uniform = n > 0 && mass > 0 && a.every((x) => x === mass) && b.every((x) => x === mass);
  if (n !== b.length || !uniform) return transport(cost, a, b).plan;
  const plan = new Float64Array(n * n);
  assignment(cost, n).rowToColumn.forEach((j, i) => {
    plan[i * n + j] = mass;
  });
  return plan;
}
