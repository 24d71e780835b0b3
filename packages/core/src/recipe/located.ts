import type { Json } from "../contracts/json.js";

/** A value that remembers where it was written. */
export interface Located {
  /** A scalar, or the values below. */
  readonly value: null | boolean | number | string | LocatedMap | readonly Located[];
  /** `file:line:column`, or the command-line option it came from. */
  readonly at: string;
}

/** A map whose values and keys remember where they were written. */
export type LocatedMap = ReadonlyMap<string, { readonly key: string; readonly node: Located }>;

/** The map in a located value; undefined where it holds something else. */
export function mapOf(node: Located | undefined): LocatedMap | undefined {
  return node?.value instanceof Map ? node.value : undefined;
}

/** The plain value. */
export function plain({ value }: Located): Json {
  if (value instanceof Map) {
    return Object.fromEntries([...(value as LocatedMap)].map(([name, { node }]) => [name, plain(node)]));
  }
  return Array.isArray(value) ? value.map(plain) : (value as Json);
}

/** `base` overlaid with `block`: maps merge, everything else is replaced, null removes; each part keeps its own place. */
export function mergeLocated(base: Located, block: Located): Located {
  const [own, other] = [mapOf(base), mapOf(block)];
  if (own === undefined || other === undefined) return block;
  const merged = new Map(own);
  for (const [name, { key, node }] of other) {
    const existing = merged.get(name);
    if (node.value === null) merged.delete(name);
    else merged.set(name, { key, node: existing === undefined ? node : mergeLocated(existing.node, node) });
  }
  return { value: merged, at: base.at };
}

/** A value below new maps: `nest(["a", "b"], v)` is `{ a: { b: v } }`. */
export function nest(path: readonly string[], node: Located): Located {
  return path.reduceRight<Located>(
    (below, name) => ({ value: new Map([[name, { key: node.at, node: below }]]), at: node.at }),
    node,
  );
}

/**
 * Where `path` was written, or as much of it as exists; for an entry of a map, the place of its key when `key` is set.
 */
export function placeOf(root: Located, path: readonly PropertyKey[], key = false): string {
  let node = root;
  let place = root.at;
  for (const part of path) {
    const entry = mapOf(node)?.get(String(part));
    const item = Array.isArray(node.value) ? (node.value[Number(part)] as Located | undefined) : undefined;
    const next = entry?.node ?? item;
    if (next === undefined) return place;
    place = key && entry !== undefined ? entry.key : next.at;
    node = next;
  }
  return place;
}
