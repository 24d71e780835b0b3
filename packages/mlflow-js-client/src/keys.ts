import { invalidArgument } from "./error.js";

/** Longest metric, parameter and tag key, in characters. */
export const MAX_KEY_LENGTH = 250;

const ALLOWED = /^[\p{L}\p{N}_\-. :/]+$/u;

/**
 * Says what is wrong with the key of a metric, parameter or tag, or `undefined` when MLflow accepts it: up to 250
 * letters, digits and `_ - . space : /`, and, read as a path, relative and without empty, `.` or `..` parts.
 */
export function keyProblem(key: string): string | undefined {
  if (typeof key !== "string" || key === "") return "it must be a string that is not empty";
  if (lengthOf(key) > MAX_KEY_LENGTH) return `it is longer than ${MAX_KEY_LENGTH} characters`;
  if (!ALLOWED.test(key)) return "only letters, digits, spaces and _ - . : / are allowed";
  if (key.startsWith("..") || key.split("/").some((part) => part === "" || part === "." || part === "..")) {
    return "read as a path it must not begin or end with /, contain //, /./ or /../, or begin with ..";
  }
  return undefined;
}

/** Throws an `INVALID_ARGUMENT` error when MLflow would refuse `key`. */
export function checkKey(kind: "metric" | "parameter" | "tag", key: string): void {
  const problem = keyProblem(key);
  if (problem) throw invalidArgument(`The ${kind} key "${String(key)}" is not allowed: ${problem}.`);
}

/** Length in characters as the server counts them (code points, not UTF-16 units). */
export function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

/** Throws an `INVALID_ARGUMENT` error when `text` has more than `limit` characters. */
export function checkLength(what: string, text: string, limit: number): void {
  if (text.length <= limit || lengthOf(text) <= limit) return;
  throw invalidArgument(
    `${what} has ${lengthOf(text)} characters; MLflow keeps at most ${limit}.`,
    "Store long texts as artifacts.",
  );
}
