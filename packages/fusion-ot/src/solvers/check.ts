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

/** Total of the masses; throws unless they are non-negative, finite and not all zero. */
export function massOf(where: string, name: string, masses: Float64Array): number {
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

/** How far and how long a scaling iteration goes. */
export interface ScalingSettings {
  /** Weight ε > 0 of the entropy, in the units of the cost; the smaller, the closer to the exact plan and the slower. */
  readonly regularization: number;
  /** Most updates of both scalings, at least 1. */
  readonly maxIterations: number;
  /** Error at which it stops; 0 or more. */
  readonly tolerance: number;
}

/** Throws unless the settings of a scaling iteration are in range. */
export function checkScaling(
  where: string,
  { regularization, maxIterations, tolerance }: ScalingSettings,
): void {
  checkPositive(where, "regularization", regularization);
  if (!Number.isInteger(maxIterations) || maxIterations < 1) {
    throw new RangeError(
      `${where}: maxIterations is ${maxIterations}; it must be a whole number of at least 1.`,
    );
  }
  if (!(tolerance >= 0)) {
    throw new RangeError(`${where}: tolerance is ${tolerance}; it must be 0 or more.`);
  }
}

/** Throws unless the setting `name` is positive and finite. */
export function checkPositive(where: string, name: string, value: number): void {
  if (!(value > 0) || value === Number.POSITIVE_INFINITY) {
    throw new RangeError(`${where}: ${name} is ${value}; it must be positive and finite.`);
  }
}
