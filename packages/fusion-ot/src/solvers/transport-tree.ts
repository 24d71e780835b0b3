/**
 * A spanning tree of the graph rows ↔ columns: the basis of the network simplex. Nodes 0 … n-1 are rows, n … n+m-1
 * columns; every node but the root owns the arc to its parent, which always carries mass from its row to its column.
 */
export interface TransportTree {
  readonly parent: Int32Array;
  /** Mass on the arc to the parent. */
  readonly flow: Float64Array;
  readonly depth: Int32Array;
  /** Dual prices: `cost[i, j] = price[i] + price[n + j]` on every arc of the tree. */
  readonly price: Float64Array;
  readonly firstChild: Int32Array;
  readonly next: Int32Array;
  readonly previous: Int32Array;
}

export const NONE = -1;

/** `nodes` unconnected nodes. */
export function emptyTree(nodes: number): TransportTree {
  const none = () => new Int32Array(nodes).fill(NONE);
  return {
    parent: none(),
    flow: new Float64Array(nodes),
    depth: new Int32Array(nodes),
    price: new Float64Array(nodes),
    firstChild: none(),
    next: none(),
    previous: none(),
  };
}

/** Hangs `node`, which has no parent, under `parent` by an arc that carries `flow`. */
export function attach(tree: TransportTree, node: number, parent: number, flow: number): void {
  const sibling = tree.firstChild[parent];
  tree.parent[node] = parent;
  tree.flow[node] = flow;
  tree.next[node] = sibling;
  tree.previous[node] = NONE;
  if (sibling !== NONE) tree.previous[sibling] = node;
  tree.firstChild[parent] = node;
}

function detach(tree: TransportTree, node: number): void {
  const next = tree.next[node];
  const previous = tree.previous[node];
  if (previous === NONE) tree.firstChild[tree.parent[node]] = next;
  else tree.next[previous] = next;
  if (next !== NONE) tree.previous[next] = previous;
  tree.parent[node] = NONE;
}

/** Cuts the subtree of `top` off, makes its node `root` its root, and hangs it under `parent` by an arc that carries `flow`. */
export function regraft(tree: TransportTree, top: number, root: number, parent: number, flow: number): void {
  let node = root;
  let above = parent;
  let mass = flow;
  for (;;) {
    const oldParent = tree.parent[node];
    const oldFlow = tree.flow[node];
    detach(tree, node);
    attach(tree, node, above, mass);
    if (node === top) return;
    above = node;
    mass = oldFlow;
    node = oldParent;
  }
}

/** Calls `visit` for `top` and all below it, parents first. */
export function walk(tree: TransportTree, top: number, visit: (node: number) => void): void {
  const { firstChild, next, parent } = tree;
  let node = top;
  for (;;) {
    visit(node);
    if (firstChild[node] !== NONE) {
      node = firstChild[node];
      continue;
    }
    while (node !== top && next[node] === NONE) node = parent[node];
    if (node === top) return;
    node = next[node];
  }
}
