import type { JsonObject } from "../contracts/json.js";
import type { OptionsIssue } from "../contracts/options.js";
import { nearest } from "../errors/nearest.js";
import { schemaKeys } from "./schema-keys.js";

/** One thing wrong with some options, ready to be shown. */
export interface OptionsProblem {
  /** Keys that lead to it; the last one is the unknown key itself, where a key is unknown. */
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly hint?: string;
}

/** A path as people write it: `optimizer.learningRate`, `layers[0].units`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    return text === "" ? String(key) : `${text}.${String(key)}`;
  }, "");
}

/** The issues of the one alternative whose general form the value has; undefined where none or several have it. */
function fittingAlternative(issue: OptionsIssue): readonly OptionsIssue[] | undefined {
  const fitting = (issue.errors ?? []).filter((issues) =>
    issues.every(({ path, code }) => path.length > 0 || code === "unrecognized_keys"),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

function unknownKey(key: string, path: readonly PropertyKey[], schema: JsonObject): OptionsProblem {
  const valid = schemaKeys(schema, path);
  if (valid.includes(key)) {
    return {
      path: [...path, key],
      message: `unknown key "${key}"`,
      hint: "It belongs to another kind than the one chosen here: leave it out, or set it to null.",
    };
  }
  const close = nearest(key, valid);
  return {
    path: [...path, key],
    message: `unknown key "${key}"`,
    hint: close !== undefined ? `Did you mean "${close}"?` : `Valid keys: ${valid.join(", ") || "none"}.`,
  };
}

/**
 * Turns what a schema library reports into problems to show: an unknown key gets the nearest valid one, and of several alternatives
 * only the one that was meant is reported, where that is clear.
 */
export function optionsProblems(
  issues: readonly OptionsIssue[],
  schema: JsonObject,
  base: readonly PropertyKey[] = [],
): OptionsProblem[] {
  return issues.flatMap((issue) => {
    const path = [...base, ...issue.path];
    if (issue.code === "unrecognized_keys" && issue.keys) {
      return issue.keys.map((key) => unknownKey(key, path, schema));
    }
    if (issue.code === "invalid_key" && issue.issues) {
      return issue.issues.map(({ message }) => ({ path, message: `wrong key: ${message}` }));
    }
    const alternative = fittingAlternative(issue);
    if (alternative) return optionsProblems(alternative, schema, path);
    const inner = [...new Set((issue.errors ?? []).flat().map(({ message }) => message))];
    return [{ path, message: inner.length > 0 ? inner.join(", or: ") : issue.message }];
  });
}

/** One line per problem, indented, for the message of an error. */
export function formatProblems(problems: readonly OptionsProblem[]): string {
  return problems
    .map(({ path, message, hint }) =>
      [
        "  ",
        path.length > 0 ? `${formatPath(path)}: ` : "",
        message,
        hint === undefined ? "" : `. ${hint}`,
      ].join(""),
    )
    .join("\n");
}
