import { attach, emptyTree, NONE, type TransportTree } from "./transport-tree.js";

/**
 * A first basis of the transportation problem: every row in turn pours its mass into its cheapest open columns (cheap
 * relative to each column's best), which makes a forest; the forest is joined by arcs without mass.
 *
 * The tree is strongly feasible: an arc without mass points at the root, that is, its row is the child. The pivot rule
 * keeps it so, and then the simplex cannot cycle (W. H. Cunningham, Mathematical Programming 11, 1976).
 * Masses must be positive integers of equal sum; the root is a column.
 */
export function greedyTree(cost: Float64Array, a: Float64Array, b: Float64Array): TransportTree {
  const n = a.length;
  const m = b.length;
  const arcs = pour(cost, a, b);
  const neighbors: number[][] = Array.from({ length: n + m }, () => []);
  for (const [i, j] of arcs) {
    neighbors[i].push(n + j);
    neighbors[n + j].push(i);
  }
  const masses = new Map(arcs.map(([i, j, mass]) => [i * m + j, mass]));

  const tree = emptyTree(n + m);
  const seen = new Uint8Array(n + m);
  const grow = (from: number) => {
    const open = [from];
    seen[from] = 1;
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      for (const other of neighbors[node]) {
        if (seen[other]) continue;
        seen[other] = 1;
        const arc = node < n ? node * m + (other - n) : other * m + (node - n);
        attach(tree, other, node, masses.get(arc)!);
        open.push(other);
      }
    }
  };
  grow(n);
  const joined: number[] = [];
  for (let j = 0; j < m; j++) if (seen[n + j]) joined.push(j);
  for (let i = 0; i < n; i++) {
    if (seen[i]) continue;
    let best = joined[0];
    for (const j of joined) if (cost[i * m + j] < cost[i * m + best]) best = j;
    attach(tree, i, n + best, 0);
    grow(i);
  }
  return tree;
}

/** Arcs [row, column, mass] with positive mass; each step empties a row or fills a column, so they close no cycle. */
function pour(cost: Float64Array, a: Float64Array, b: Float64Array): [number, number, number][] {
  const n = a.length;
  const m = b.length;
  const cheapest = new Float64Array(m).fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) cheapest[j] = Math.min(cheapest[j], cost[i * m + j]);
  }
  const room = b.slice();
  const arcs: [number, number, number][] = [];
  for (let i = 0; i < n; i++) {
    let left = a[i];
    while (left > 0) {
      let best = NONE;
      let lowest = Number.POSITIVE_INFINITY;
      for (let j = 0; j < m; j++) {
        const excess = cost[i * m + j] - cheapest[j];
        if (room[j] > 0 && excess < lowest) {
          lowest = excess;
          best = j;
        }
      }
      const mass = Math.min(left, room[best]);
      arcs.push([i, best, mass]);
      left -= mass;
      room[best] -= mass;
    }
  }
  return arcs;
}
