import { isIsthmusError } from "../errors/isthmus-error.js";
import { nearest } from "../errors/nearest.js";
import { find, type Located, mapOf, mergeLocated, nest } from "./located.js";
import { parseYaml } from "./parse-yaml.js";
import type { RecipeProblem } from "./recipe-error.js";

/** `--set path.to.value=text`, taken apart. */
export interface Setting {
  /** How messages call it: the option as it was written. */
  readonly option: string;
  readonly path: readonly string[];
  readonly text: string;
}

/** Takes a setting apart, or says what is wrong with it. */
export function parseSetting(setting: string): Setting | RecipeProblem {
  const equals = setting.indexOf("=");
  const path = setting.slice(0, equals).trim().split(".");
  const option = `--set ${setting}`;
  if (equals < 1 || path.includes("")) {
    return {
      at: option,
      message: "this is not a setting",
      hint: "Write --set path.to.option=value, or --set choice=block.",
    };
  }
  return { option, path, text: setting.slice(equals + 1).trim() };
}

/** The existing path that may have been meant, where the given one leaves what exists; undefined where nothing is near. */
function nearestPath(root: Located, path: readonly string[]): string | undefined {
  for (let depth = 0; depth < path.length; depth++) {
    const siblings = mapOf(find(root, path.slice(0, depth)).node);
    const name = path[depth] as string;
    if (siblings === undefined) return undefined;
    if (siblings.has(name)) continue;
    const close = nearest(name, siblings.keys());
    return close && [...path.slice(0, depth), close, ...path.slice(depth + 1)].join(".");
  }
  return undefined;
}

/**
 * Merges a setting's value, read as YAML, into the recipe: maps merge, everything else is replaced, null removes.
 * The hint names the existing path nearest to one that the recipe did not have.
 */
export function applySetting(
  root: Located,
  { option, path, text }: Setting,
): { readonly root: Located; readonly hint?: string } | RecipeProblem {
  const close = nearestPath(root, path);
  const hint = close === undefined ? {} : { hint: `Did you mean "${close}"?` };
  let value: Located;
  try {
    value = parseYaml(text, option, () => option);
  } catch (error) {
    if (!isIsthmusError(error)) throw error;
    return { at: option, message: error.message.slice(option.length + 2) };
  }
  if (value.value === null && find(root, path).node === undefined) {
    return { at: option, message: `there is no "${path.join(".")}" to remove`, ...hint };
  }
  return { root: mergeLocated(root, nest(path, value)), ...hint };
}
