import { nearest } from "../errors/nearest.js";
import { type Located, mapOf, mergeLocated, nest } from "./located.js";
import { parseYaml } from "./parse-yaml.js";
import { type RecipeProblem, recipeError } from "./recipe-error.js";

/** `--set name=value`, taken apart. */
interface Setting {
  readonly option: string;
  readonly path: readonly string[];
  readonly value: string;
}

function parseSetting(text: string, file: string): Setting {
  const equals = text.indexOf("=");
  const path = text.slice(0, equals).trim().split(".");
  const option = `--set ${text}`;
  if (equals < 1 || path.includes("")) {
    throw recipeError(file, [
      { at: option, message: "this is not a setting", hint: "Write --set path.to.option=value." },
    ]);
  }
  return { option, path, value: text.slice(equals + 1).trim() };
}

/** A recipe with its choices made: what is left has no `choices` any more. */
export interface Chosen {
  readonly root: Located;
  /** The block picked of each choice. */
  readonly choices: Readonly<Record<string, string>>;
}

/**
 * Makes the choices of a recipe and applies settings. Of each choice one block is merged over the recipe, the first unless
 * a setting names another, in the order in which the choices are written; then the other settings are put in.
 *
 * @param sets `choice=block` or `path.to.value=YAML`
 * @throws `recipe/invalid`
 */
export function makeChoices(recipe: Located, sets: readonly string[], file: string): Chosen {
  const top = mapOf(recipe);
  if (top === undefined)
    throw recipeError(file, [{ at: recipe.at, message: "a recipe is a map of keys and values" }]);
  const written = top.get("choices");
  const offered = mapOf(written?.node) ?? new Map<string, { key: string; node: Located }>();
  const problems: RecipeProblem[] = [];
  if (written !== undefined && mapOf(written.node) === undefined) {
    problems.push({ at: written.node.at, message: "`choices` maps names to blocks of which one is picked" });
  }
  const settings = sets.map((text) => parseSetting(text, file));
  const picked = new Map(
    settings
      .filter(({ path }) => path.length === 1 && offered.has(path[0]))
      .map((each) => [each.path[0], each]),
  );

  let root: Located = { ...recipe, value: new Map([...top].filter(([name]) => name !== "choices")) };
  const choices: Record<string, string> = {};
  for (const [name, { key, node }] of offered) {
    const blocks = mapOf(node);
    const setting = picked.get(name);
    const [first] = blocks?.keys() ?? [];
    const pick = setting?.value ?? first;
    const block = pick === undefined ? undefined : blocks?.get(pick);
    if (blocks === undefined || first === undefined) {
      problems.push({ at: key, message: `the choice "${name}" has no blocks to pick from` });
    } else if (block === undefined) {
      const close = nearest(pick as string, blocks.keys());
      problems.push({
        at: setting?.option ?? key,
        message: `the choice "${name}" has no block "${pick}"`,
        hint: `${close === undefined ? "" : `Did you mean "${close}"? `}There are: ${[...blocks.keys()].join(", ")}.`,
      });
    } else if (block.node.value !== null && mapOf(block.node) === undefined) {
      problems.push({ at: block.node.at, message: `the block "${pick}" of "${name}" is not a map` });
    } else {
      choices[name] = pick as string;
      if (block.node.value !== null) root = mergeLocated(root, block.node);
    }
  }
  if (problems.length > 0) throw recipeError(file, problems);
  for (const setting of settings) {
    if (picked.get(setting.path[0]) !== undefined && setting.path.length === 1) continue;
    const value = parseYaml(setting.value, setting.option);
    root = mergeLocated(root, nest(setting.path, relocate(value, setting.option)));
  }
  return { root, choices };
}

/** The same value, all of it placed at a command-line option. */
function relocate(node: Located, at: string): Located {
  const map = mapOf(node);
  if (map !== undefined) {
    return {
      at,
      value: new Map([...map].map(([name, entry]) => [name, { key: at, node: relocate(entry.node, at) }])),
    };
  }
  return {
    at,
    value: Array.isArray(node.value) ? node.value.map((item: Located) => relocate(item, at)) : node.value,
  };
}
