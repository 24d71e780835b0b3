import type { Network, UnitGroup } from "@isthmus/core";
import { incomingWeights } from "./incoming-weights.js";
import type { OtOptions } from "./options.js";
import { OUTPUT } from "./output-group.js";

/** Least mass of a unit before masses are made to add up: none is left without any. */
const LEAST = 1e-9;

/**
 * Masses of the units of `groups[index]`, `[units]`: equal, or the norms of their own incoming weights (`importance`).
 * They add up to 1; where transport is unbalanced they are 1 each, or the norms themselves. Outputs weigh the same.
 *
 * @throws `fusion/no-incoming-weights` where importance is asked for and there are none.
 */
export function unitMasses(
  network: Network,
  groups: readonly UnitGroup[],
  index: number,
  { importance, solver }: Pick<OtOptions, "importance" | "solver">,
): Float64Array {
  const { name, size } = groups[index];
  const total = solver === "unbalanced" ? undefined : 1;
  if (importance === "none" || name === OUTPUT) return new Float64Array(size).fill((total ?? size) / size);
  const { length, data } = incomingWeights(network, groups, index);
  const norms = Float64Array.from({ length: size }, (_, unit) => {
    let sum = 0;
    for (const x of data.subarray(unit * length, (unit + 1) * length)) {
      sum += importance === "l1" ? Math.abs(x) : x * x;
    }
    return (importance === "l1" ? sum : Math.sqrt(sum)) + LEAST;
  });
  if (total === undefined) return norms;
  const sum = norms.reduce((x, y) => x + y, 0);
  return norms.map((x) => x / sum);
}
