import type { UnitPlan } from "./move-units.js";
import type { OtOptions } from "./options.js";
import { exactPlan } from "./solvers/exact-plan.js";
import { sinkhorn } from "./solvers/sinkhorn.js";

/** A plan between units, and how far its row sums are from the marginal (0 for exact plans). */
export interface Coupling extends UnitPlan {
  readonly marginalError: number;
}

/** Transports n source units to m target units, all units of a network having the same mass. `cost` is `[n, m]`. */
export function couple(
  cost: Float64Array,
  n: number,
  m: number,
  options: Pick<OtOptions, "solver" | "regularization" | "maxIterations" | "tolerance">,
): Coupling {
  const a = new Float64Array(n).fill(1 / n);
  const b = new Float64Array(m).fill(1 / m);
  if (options.solver === "exact") return { plan: exactPlan(cost, a, b), a, b, marginalError: 0 };
  const { plan, marginalError } = sinkhorn(cost, a, b, options);
  return { plan, a, b, marginalError };
}
