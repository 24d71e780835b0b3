import type { Json, JsonObject } from "../contracts/json.js";

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * `base` overlaid with `block`: maps merge, everything else is replaced, null removes (RFC 7386).
 *
 * @example mergeBlocks({ a: 1, b: { c: 2, d: 3 } }, { b: { c: null, d: 4 } }) // { a: 1, b: { d: 4 } }
 */
export function mergeBlocks(base: JsonObject, block: JsonObject): JsonObject {
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(block)) {
    const own = merged.get(key);
    if (value === null) merged.delete(key);
    else merged.set(key, isObject(value) ? mergeBlocks(isObject(own) ? own : {}, value) : value);
  }
  return Object.fromEntries(merged);
}
