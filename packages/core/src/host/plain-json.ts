import type { Json } from "../contracts/json.js";
import { formatPath } from "./options-problems.js";

/**
 * A copy of a value as plain JSON; keys that hold `undefined` are left out.
 *
 * @throws TypeError that names the place of a value JSON cannot hold (functions, class instances, NaN, infinities)
 */
export function plainJson(value: unknown, path: readonly PropertyKey[] = []): Json {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map((item, index) => plainJson(item, [...path, index]));
  if (typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([key, item]) => [key, plainJson(item, [...path, key])]),
    );
  }
  const what = typeof value === "object" ? `a ${value.constructor?.name ?? "class"} object` : String(value);
  throw new TypeError(`${formatPath(path) || "the value"} is ${what}, which JSON cannot hold`);
}
