import { checkCost } from "./check.js";

/** An optimal assignment and the dual prices that prove it optimal. */
export interface Assignment {
  /** Column given to each row, `[n]`. */
  readonly rowToColumn: Int32Array;
  /** Sum of the chosen costs. */
  readonly total: number;
  /** Row prices u, `[n]`: `u[i] + v[j] <= cost[i, j]`, with equality where row i is given column j (up to rounding). */
  readonly rowDuals: Float64Array;
  /** Column prices v, `[n]`. */
  readonly columnDuals: Float64Array;
}

/** A partial assignment with column prices under which every assigned pair is its row's cheapest. */
interface Matching {
  readonly cost: Float64Array;
  readonly n: number;
  readonly columnOf: Int32Array;
  readonly rowOf: Int32Array;
  readonly prices: Float64Array;
}

const FREE = -1;

/**
 * The permutation of columns that minimizes `sum_i cost[i, rowToColumn[i]]`, exactly.
 *
 * Shortest augmenting paths, started from a good partial matching found by column reduction, reduction transfer and
 * augmenting row reduction (R. Jonker and A. Volgenant, Computing 38, 1987). O(n³) at worst.
 *
 * @param cost `[n, n]`, row by row; any finite numbers.
 * @throws RangeError if the cost has another size or an entry that is not finite.
 * @example
 * assignment(Float64Array.of(4, 1, 2, 3), 2).rowToColumn; // Int32Array [1, 0], total 3
 */
export function assignment(cost: Float64Array, n: number): Assignment {
  checkCost("assignment", cost, n, n);
  const matching: Matching = {
    cost,
    n,
    columnOf: new Int32Array(n).fill(FREE),
    rowOf: new Int32Array(n).fill(FREE),
    prices: new Float64Array(n),
  };
  let free = reduceColumns(matching);
  for (let pass = 0; pass < 2; pass++) free = reduceRows(matching, free);
  augment(matching, free);

  const { columnOf, prices } = matching;
  const rowDuals = new Float64Array(n);
  let total = 0;
  for (let i = 0; i < n; i++) {
    const j = columnOf[i];
    const chosen = cost[i * n + j];
    rowDuals[i] = chosen - prices[j];
    total += chosen;
  }
  return { rowToColumn: columnOf, total, rowDuals, columnDuals: prices };
}

/**
 * Prices each column at its cheapest row and matches the two where the row is free; then lowers the price of columns
 * whose row wants no other, so that other rows see the true value. Returns the free rows.
 */
function reduceColumns({ cost, n, columnOf, rowOf, prices }: Matching): Int32Array {
  const cheapestRow = new Int32Array(n);
  prices.set(cost.subarray(0, n));
  for (let i = 1; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const c = cost[i * n + j];
      if (c < prices[j]) {
        prices[j] = c;
        cheapestRow[j] = i;
      }
    }
  }
  const wins = new Int32Array(n);
  for (let j = n - 1; j >= 0; j--) {
    const i = cheapestRow[j];
    if (wins[i]++ === 0) {
      columnOf[i] = j;
      rowOf[j] = i;
    }
  }
  const free = new Int32Array(n);
  let count = 0;
  for (let i = 0; i < n; i++) {
    if (wins[i] === 0) {
      free[count++] = i;
    } else if (wins[i] === 1 && n > 1) {
      const own = columnOf[i];
      let slack = Number.POSITIVE_INFINITY;
      for (let j = 0; j < n; j++) {
        if (j !== own) slack = Math.min(slack, cost[i * n + j] - prices[j]);
      }
      prices[own] -= slack;
    }
  }
  return free.subarray(0, count);
}

/**
 * Each free row takes its cheapest column and lowers that column's price until the second cheapest is as good; the row
 * that loses its column bids next. The budget bounds price wars by tiny steps; whoever is left goes to `augment`.
 */
function reduceRows({ cost, n, columnOf, rowOf, prices }: Matching, waiting: Int32Array): Int32Array {
  const free = new Int32Array(n);
  let count = 0;
  let next = 0;
  let budget = 4 * n;
  while (next < waiting.length) {
    const i = waiting[next++];
    const row = i * n;
    let first = 0;
    let second = 0;
    let lowest = Number.POSITIVE_INFINITY;
    let runnerUp = Number.POSITIVE_INFINITY;
    for (let j = 0; j < n; j++) {
      const reduced = cost[row + j] - prices[j];
      if (reduced >= runnerUp) continue;
      if (reduced >= lowest) {
        runnerUp = reduced;
        second = j;
      } else {
        runnerUp = lowest;
        second = first;
        lowest = reduced;
        first = j;
      }
    }
    const price = prices[first] - (runnerUp - lowest);
    const lowered = price < prices[first];
    if (lowered) prices[first] = price;
    const column = runnerUp === lowest && rowOf[first] !== FREE ? second : first;
    const loser = rowOf[column];
    columnOf[i] = column;
    rowOf[column] = i;
    if (loser === FREE) continue;
    columnOf[loser] = FREE;
    if (lowered && budget-- > 0) waiting[--next] = loser;
    else free[count++] = loser;
  }
  return free.subarray(0, count);
}

/** Gives every free row a column along a shortest path of swaps (Dijkstra on reduced costs). */
function augment({ cost, n, columnOf, rowOf, prices }: Matching, free: Int32Array): void {
  const distance = new Float64Array(n);
  const previousRow = new Int32Array(n);
  // Columns in order of discovery: [0, settled) nearer than `nearest`, [settled, done) scanned at it, [done, frontier) at it, rest farther.
  const order = new Int32Array(n);
  for (const start of free) {
    for (let j = 0; j < n; j++) {
      distance[j] = cost[start * n + j] - prices[j];
      previousRow[j] = start;
      order[j] = j;
    }
    let settled = 0;
    let done = 0;
    let frontier = 0;
    let nearest = 0;
    let end = FREE;
    while (end === FREE) {
      if (done === frontier) {
        settled = done;
        nearest = Number.POSITIVE_INFINITY;
        for (let k = done; k < n; k++) {
          const j = order[k];
          const d = distance[j];
          if (d > nearest) continue;
          if (d < nearest) {
            nearest = d;
            frontier = done;
          }
          order[k] = order[frontier];
          order[frontier++] = j;
        }
        for (let k = done; k < frontier && end === FREE; k++) {
          if (rowOf[order[k]] === FREE) end = order[k];
        }
        if (end !== FREE) break;
      }
      const scanned = order[done++];
      const i = rowOf[scanned];
      const row = i * n;
      const offset = cost[row + scanned] - prices[scanned] - nearest;
      for (let k = frontier; k < n; k++) {
        const j = order[k];
        const d = cost[row + j] - prices[j] - offset;
        if (d >= distance[j]) continue;
        distance[j] = d;
        previousRow[j] = i;
        if (d > nearest) continue;
        if (rowOf[j] === FREE) {
          end = j;
          break;
        }
        order[k] = order[frontier];
        order[frontier++] = j;
      }
    }
    for (let k = 0; k < settled; k++) {
      const j = order[k];
      prices[j] += distance[j] - nearest;
    }
    for (let i = FREE, j = end; i !== start; ) {
      i = previousRow[j];
      rowOf[j] = i;
      const displaced = columnOf[i];
      columnOf[i] = j;
      j = displaced;
    }
  }
}
