/** Shares of the total mass by which the two marginals of a transport problem may differ: rounding, not intent. */
const MASS_TOLERANCE = 1e-9;

/** Throws unless `cost` holds rows · columns finite numbers. `where` names the solver in the message. */
export function checkCost(where: string, cost: Float64Array, rows: number, columns: number): void {
  if (cost.length !== rows * columns) {
    throw new RangeError(
      `${where}: the cost has ${cost.length} entries, but ${rows} rows and ${columns} columns need ` +
        `${rows * columns}. Pass the matrix row by row in one Float64Array.`,
    );
  }
  for (let k = 0; k < cost.length; k++) {
    if (!Number.isFinite(cost[k])) {
      throw new RangeError(
        `${where}: the cost of row ${Math.floor(k / columns)}, column ${k % columns} is ${cost[k]}; costs must be ` +
          "finite. Look for weights or activations that have diverged.",
      );
    }
  }
}

/** Throws unless `a` and `b` are non-negative, finite, not all zero and of equal total mass. */
export function checkMarginals(where: string, a: Float64Array, b: Float64Array): void {
  const supply = massOf(where, "a", a);
  const demand = massOf(where, "b", b);
  if (Math.abs(supply - demand) > MASS_TOLERANCE * Math.max(supply, demand)) {
    throw new RangeError(
      `${where}: the marginals carry unequal masses, ${supply} in a and ${demand} in b. ` +
        "Divide each by its own sum.",
    );
  }
}

function massOf(where: string, name: string, masses: Float64Array): number {
  let total = 0;
  for (let k = 0; k < masses.length; k++) {
    const mass = masses[k];
    if (!(mass >= 0) || mass === Number.POSITIVE_INFINITY) {
      throw new RangeError(
        `${where}: marginal ${name} holds ${mass} at index ${k}; masses must be finite and not negative.`,
      );
    }
    total += mass;
  }
  if (!(total > 0) || total === Number.POSITIVE_INFINITY) {
    throw new RangeError(
      `${where}: marginal ${name} has total mass ${total}; it must be positive and finite.`,
    );
  }
  return total;
}
