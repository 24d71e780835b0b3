import { NONE, regraft, type TransportTree, walk } from "./transport-tree.js";

/** Reduced costs closer to zero than this share of the largest cost count as zero. */
const RELATIVE_TOLERANCE = 1e-13;

/** Pivots until no arc is cheaper than the way through the tree; `cost` is `[n, m]`. Rows are tried in turn, each offering its best arc. */
export function simplex(tree: TransportTree, cost: Float64Array, n: number, m: number): void {
  const tolerance = RELATIVE_TOLERANCE * cost.reduce((largest, c) => Math.max(largest, Math.abs(c)), 0);
  const { price } = tree;
  const columnPrices = price.subarray(n);
  let cleanRows = 0;
  let exact = false;
  setPrices(tree, cost, n, m);
  for (let i = 0; ; i = (i + 1) % n) {
    const row = i * m;
    const rowPrice = price[i];
    let best = NONE;
    let lowest = -tolerance;
    for (let j = 0; j < m; j++) {
      const reduced = cost[row + j] - rowPrice - columnPrices[j];
      if (reduced < lowest) {
        lowest = reduced;
        best = j;
      }
    }
    if (best !== NONE) {
      pivot(tree, i, n + best, n, lowest);
      cleanRows = 0;
      exact = false;
    } else if (++cleanRows >= n) {
      if (exact) return;
      // Prices were shifted once a pivot; take them from the tree again and look once more.
      setPrices(tree, cost, n, m);
      cleanRows = 0;
      exact = true;
    }
  }
}

/** Prices and depths from the tree's arcs, the root's price being zero. */
function setPrices(tree: TransportTree, cost: Float64Array, n: number, m: number): void {
  const { parent, price, depth } = tree;
  const root = parent.indexOf(NONE);
  walk(tree, root, (node) => {
    const above = parent[node];
    if (above === NONE) {
      price[node] = 0;
      depth[node] = 0;
      return;
    }
    const [row, column] = arcOf(tree, node, n);
    price[node] = cost[row * m + column] - price[above];
    depth[node] = depth[above] + 1;
  });
}

/** Row and column joined by the arc from `node` to its parent. */
export function arcOf(tree: TransportTree, node: number, n: number): [number, number] {
  const above = tree.parent[node];
  return node < n ? [node, above - n] : [above, node - n];
}

/**
 * Sends as much mass as possible around the cycle that the arc row → column closes, and swaps it for an arc that runs
 * empty: of these the last one when the cycle is followed from its top node along the entering arc.
 */
function pivot(tree: TransportTree, row: number, column: number, n: number, reduced: number): void {
  const { parent, flow, depth, price } = tree;
  let below = row;
  let beyond = column;
  let mass = Number.POSITIVE_INFINITY;
  let leaving = NONE;
  let leavesOnRowSide = true;
  while (below !== beyond) {
    if (depth[below] >= depth[beyond]) {
      if (below < n && flow[below] < mass) {
        mass = flow[below];
        leaving = below;
        leavesOnRowSide = true;
      }
      below = parent[below];
    } else {
      if (beyond >= n && flow[beyond] <= mass) {
        mass = flow[beyond];
        leaving = beyond;
        leavesOnRowSide = false;
      }
      beyond = parent[beyond];
    }
  }
  if (mass > 0) {
    for (let node = row; node !== below; node = parent[node]) flow[node] += node < n ? -mass : mass;
    for (let node = column; node !== below; node = parent[node]) flow[node] += node < n ? mass : -mass;
  }
  const inner = leavesOnRowSide ? row : column;
  const outer = leavesOnRowSide ? column : row;
  regraft(tree, leaving, inner, outer, mass);
  const rowShift = leavesOnRowSide ? reduced : -reduced;
  walk(tree, inner, (node) => {
    price[node] += node < n ? rowShift : -rowShift;
    depth[node] = depth[parent[node]] + 1;
  });
}
