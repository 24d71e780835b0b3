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

/**
 * `base` overlaid with `block`: maps merge, everything else is replaced, null removes (RFC 7386); each part keeps its own
 * place, and an entry that exists already its position.
 */
export function mergeLocated(base: Located | undefined, block: Located): Located {
  const other = mapOf(block);
  if (other === undefined) return block;
  const own = mapOf(base);
  const merged = new Map(own);
  for (const [name, { key, node }] of other) {
    const existing = merged.get(name);
    const merges = mapOf(existing?.node) !== undefined && mapOf(node) !== undefined;
    if (node.value === null) merged.delete(name);
    else {
      const place = merges ? (existing as { key: string }).key : key;
      merged.set(name, { key: place, node: mergeLocated(existing?.node, node) });
    }
  }
  return { value: merged, at: own === undefined ? block.at : (base as Located).at };
}

/** A value below new maps: `nest(["a", "b"], v)` is `{ a: { b: v } }`. */
export function nest(path: readonly string[], node: Located): Located {
  return path.reduceRight<Located>(
    (below, name) => ({ value: new Map([[name, { key: node.at, node: below }]]), at: node.at }),
    node,
  );
}

/** What was written at a path, as far as it exists. */
export interface Found {
  /** Where the key stands, or the item of a list. */
  readonly key: string;
  /** Where the value stands; for a map or a list, where its key stands. */
  readonly place: string;
  /** The value; undefined where the path does not exist as a whole. */
  readonly node: Located | undefined;
}

/** Follows a path; where it does not exist as a whole, gives the places of as much of it as does. */
export function find(root: Located, path: readonly PropertyKey[]): Found {
  let found: Found = { key: root.at, place: root.at, node: root };
  for (const part of path) {
    const { node } = found;
    const entry = mapOf(node)?.get(String(part));
    const item = Array.isArray(node?.value) ? (node.value[Number(part)] as Located | undefined) : undefined;
    const next = entry?.node ?? item;
    if (next === undefined) return { ...found, node: undefined };
    const key = entry?.key ?? next.at;
    found = { key, place: typeof next.value === "object" ? key : next.at, node: next };
  }
  return found;
}
