import { checkCost, checkMarginals } from "./check.js";
import { arcOf, simplex } from "./transport-simplex.js";
import { greedyTree } from "./transport-start.js";
import { NONE, type TransportTree } from "./transport-tree.js";

/** An optimal transport plan and the dual prices that prove it optimal. */
export interface Transport {
  /** Mass carried from row i to column j, `[n, m]`, with row sums `a` and column sums `b`. */
  readonly plan: Float64Array;
  /** `sum_ij plan[i, j] cost[i, j]`. */
  readonly total: number;
  /** Row prices u, `[n]`: `u[i] + v[j] <= cost[i, j]`, with equality wherever the plan carries mass (up to rounding). */
  readonly rowDuals: Float64Array;
  /** Column prices v, `[m]`. */
  readonly columnDuals: Float64Array;
}

/**
 * The plan of least cost that carries the masses `a` of the rows to the masses `b` of the columns, exactly (the earth
 * mover's distance): minimize `sum_ij plan[i, j] cost[i, j]` over non-negative plans with these marginals.
 *
 * Network simplex on the transportation graph with strongly feasible trees, so ties and degenerate bases cannot make
 * it cycle; a row is a pricing block. Masses are counted in integer units of total/(n·m·2^k), about 2^-48 of the total,
 * so sums of flows are exact and uniform marginals lose nothing.
 *
 * @param cost `[n, m]`, row by row; any finite numbers.
 * @param a masses of the rows, `[n]`; not negative. @param b masses of the columns, `[m]`, of the same total.
 * @throws RangeError on sizes that disagree, costs that are not finite, negative masses or unequal totals.
 * @example
 * transport(Float64Array.of(0, 1, 1, 0), Float64Array.of(0.75, 0.25), Float64Array.of(0.5, 0.5)).total; // 0.25
 */
export function transport(cost: Float64Array, a: Float64Array, b: Float64Array): Transport {
  const n = a.length;
  const m = b.length;
  checkCost("transport", cost, n, m);
  checkMarginals("transport", a, b);

  const rows = support(a);
  const columns = support(b);
  const units = integerMasses(a, b, rows, columns);
  const costs = between(cost, m, rows, columns);
  const tree = greedyTree(costs, units.a, units.b);
  simplex(tree, costs, rows.length, columns.length);

  const plan = new Float64Array(n * m);
  let total = 0;
  for (let node = 0; node < tree.parent.length; node++) {
    const flow = tree.flow[node] * units.size;
    if (tree.parent[node] === NONE || flow === 0) continue;
    const [row, column] = arcOf(tree, node, rows.length);
    const k = rows[row] * m + columns[column];
    plan[k] = flow;
    total += flow * cost[k];
  }
  return { plan, total, ...duals(cost, n, m, tree, rows, columns) };
}

function support(masses: Float64Array): number[] {
  return Array.from(masses.keys()).filter((k) => masses[k] > 0);
}

/** The costs of `rows` and `columns` alone; the matrix itself where that is all of it. */
function between(cost: Float64Array, m: number, rows: number[], columns: number[]): Float64Array {
  if (rows.length * columns.length === cost.length) return cost;
  const costs = new Float64Array(rows.length * columns.length);
  let k = 0;
  for (const i of rows) for (const j of columns) costs[k++] = cost[i * m + j];
  return costs;
}

/** Masses as whole numbers of units, of equal totals; the rest from rounding goes to the heaviest column. */
function integerMasses(a: Float64Array, b: Float64Array, rows: number[], columns: number[]) {
  const total = a.reduce((sum, mass) => sum + mass, 0);
  const cells = a.length * b.length;
  const unitsInTotal = cells * 2 ** Math.floor(Math.log2(2 ** 48 / cells));
  const size = total / unitsInTotal;
  const counts = (masses: Float64Array, kept: number[]) =>
    Float64Array.from(kept, (k) => Math.max(1, Math.round(masses[k] / size)));
  const unitsA = counts(a, rows);
  const unitsB = counts(b, columns);
  const heaviest = unitsB.indexOf(unitsB.reduce((most, mass) => Math.max(most, mass), 0));
  const sum = (masses: Float64Array) => masses.reduce((s, mass) => s + mass, 0);
  unitsB[heaviest] += sum(unitsA) - sum(unitsB);
  return { a: unitsA, b: unitsB, size };
}

/** Prices of all rows and columns; those without mass get the highest price that stays feasible. */
function duals(
  cost: Float64Array,
  n: number,
  m: number,
  tree: TransportTree,
  rows: number[],
  columns: number[],
): { rowDuals: Float64Array; columnDuals: Float64Array } {
  const rowDuals = new Float64Array(n).fill(Number.NaN);
  const columnDuals = new Float64Array(m).fill(Number.NaN);
  rows.forEach((i, k) => {
    rowDuals[i] = tree.price[k];
  });
  columns.forEach((j, k) => {
    columnDuals[j] = tree.price[rows.length + k];
  });
  for (let j = 0; j < m; j++) {
    if (!Number.isNaN(columnDuals[j])) continue;
    columnDuals[j] = rows.reduce(
      (low, i) => Math.min(low, cost[i * m + j] - rowDuals[i]),
      Number.POSITIVE_INFINITY,
    );
  }
  for (let i = 0; i < n; i++) {
    if (!Number.isNaN(rowDuals[i])) continue;
    rowDuals[i] = columnDuals.reduce(
      (low, v, j) => Math.min(low, cost[i * m + j] - v),
      Number.POSITIVE_INFINITY,
    );
  }
  return { rowDuals, columnDuals };
}
