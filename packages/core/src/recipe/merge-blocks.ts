import type { Json, JsonObject } from "../contracts/json.js";

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `base` overlaid with `block`: maps merge, everything else is replaced, null removes. */
export function mergeBlocks(base: JsonObject, block: JsonObject): JsonObject {
  const merged: Record<string, Json> = { ...base };
  for (const [key, value] of Object.entries(block)) {
    const own = merged[key];
    if (value === null) delete merged[key];
    else merged[key] = isObject(own) && isObject(value) ? mergeBlocks(own, value) : value;
  }
  return merged;
}
