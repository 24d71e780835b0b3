import type { OtOptions } from "./options.js";
import { exactPlan } from "./solvers/exact-plan.js";
import { sinkhorn } from "./solvers/sinkhorn.js";
import { unbalanced } from "./solvers/unbalanced.js";

/** A transport plan between the units of a group in two networks. */
export interface Coupling {
  /** Mass of source unit i that goes to target unit j, `[n, m]`. */
  readonly plan: Float64Array;
  /** Numbers worth recording, by name: how far a scaling iteration has come. */
  readonly record: Readonly<Record<string, number>>;
}

/** Transports source units of masses `a` `[n]` to target units of masses `b` `[m]` at the given cost `[n, m]`. */
export function couple(cost: Float64Array, a: Float64Array, b: Float64Array, options: OtOptions): Coupling {
  switch (options.solver) {
    case "exact":
      return { plan: exactPlan(cost, a, b), record: {} };
    case "sinkhorn": {
      const { plan, marginalError } = sinkhorn(cost, a, b, options);
      return { plan, record: { "sinkhorn/marginal-error": marginalError } };
    }
    case "unbalanced": {
      const { plan, iterations } = unbalanced(cost, a, b, options);
      const share = plan.reduce((x, y) => x + y, 0) / b.reduce((x, y) => x + y, 0);
      return { plan, record: { "unbalanced/mass": share, "unbalanced/iterations": iterations } };
    }
  }
}

/** The mean of couplings between the same units, one for each layer that feeds them. */
export function meanCoupling(couplings: readonly Coupling[]): Coupling {
  if (couplings.length === 1) return couplings[0];
  const mean = (values: readonly number[]) => values.reduce((x, y) => x + y, 0) / values.length;
  const plan = couplings[0].plan.map((_, k) => mean(couplings.map((each) => each.plan[k])));
  const names = Object.keys(couplings[0].record);
  return {
    plan,
    record: Object.fromEntries(names.map((name) => [name, mean(couplings.map((each) => each.record[name]))])),
  };
}
