import type { Json, JsonObject } from "../contracts/json.js";

function* leaves(value: Json, path: string): Generator<[string, string]> {
  if (typeof value !== "object" || value === null) {
    yield [path, String(value)];
  } else if (Array.isArray(value) && !value.some((item) => typeof item === "object")) {
    yield [path, JSON.stringify(value)];
  } else {
    for (const [key, child] of Object.entries(value))
      yield* leaves(child, path === "" ? key : `${path}.${key}`);
  }
}

/**
 * Options as a tracking server shows them: dotted and flat, lists of plain values as JSON.
 *
 * @example flattenParams({ optimizer: { learningRate: 0.07 }, hidden: [400, 200] })
 * // { "optimizer.learningRate": "0.07", hidden: "[400,200]" }
 */
export function flattenParams(options: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(leaves(options, ""));
}
