import { nearest } from "../errors/nearest.js";
import { type Located, type LocatedMap, mapOf, mergeLocated } from "./located.js";
import { type RecipeProblem, recipeError } from "./recipe-error.js";
import { applySetting, parseSetting, type Setting } from "./settings.js";

/** A recipe with its choices made: what is left has no `choices` any more. */
export interface Chosen {
  readonly root: Located;
  /** The block picked of each choice. */
  readonly choices: Readonly<Record<string, string>>;
  /** By setting: what may have been meant, where it makes an entry that the recipe did not have. */
  readonly hints: ReadonlyMap<string, string>;
}

const NONE: LocatedMap = new Map();

/** The name and block of a choice that a setting picks, or the first; a string says what is wrong. */
function pick(
  name: string,
  choice: { readonly key: string; readonly node: Located },
  setting: Setting | undefined,
): { readonly picked: string; readonly block: Located } | RecipeProblem {
  const blocks = mapOf(choice.node) ?? NONE;
  const [first] = blocks.keys();
  if (first === undefined) {
    return { at: choice.key, message: `the choice "${name}" has no blocks to pick from` };
  }
  const picked = setting?.text ?? first;
  const block = blocks.get(picked);
  if (block === undefined) {
    const close = nearest(picked, blocks.keys());
    return {
      at: setting?.option ?? choice.key,
      message: `the choice "${name}" has no block "${picked}"`,
      hint: `${close === undefined ? "" : `Did you mean "${close}"? `}There are: ${[...blocks.keys()].join(", ")}.`,
    };
  }
  if (block.node.value !== null && mapOf(block.node) === undefined) {
    return { at: block.node.at, message: `the block "${picked}" of "${name}" is not a map` };
  }
  return { picked, block: block.node };
}

/**
 * Makes the choices of a recipe and applies settings. Of each choice one block is merged over the recipe, the first unless
 * a setting names another, in the order in which the choices are written; then the other settings are merged in, in order.
 *
 * @param sets `choice=block` or `path.to.value=YAML`, or taken apart already
 * @throws `recipe/invalid`
 */
export function makeChoices(recipe: Located, sets: readonly (string | Setting)[], file: string): Chosen {
  const top = mapOf(recipe);
  if (top === undefined) {
    throw recipeError(file, [{ at: recipe.at, message: "a recipe is a map of keys and values" }]);
  }
  const problems: RecipeProblem[] = [];
  const written = top.get("choices");
  if (written !== undefined && mapOf(written.node) === undefined) {
    problems.push({
      at: written.node.at,
      message: "`choices` maps names to blocks of which one is picked",
    });
  }
  const offered = mapOf(written?.node) ?? NONE;
  const settings = sets.flatMap((text) => {
    const setting = typeof text === "string" ? parseSetting(text) : text;
    if ("path" in setting) return [setting];
    problems.push(setting);
    return [];
  });
  const picks = ({ path }: Setting): boolean => path.length === 1 && offered.has(path[0] as string);
  const picking = new Map(settings.filter(picks).map((setting) => [setting.path[0], setting]));

  let root: Located = { ...recipe, value: new Map([...top].filter(([name]) => name !== "choices")) };
  const choices: Record<string, string> = {};
  for (const [name, choice] of offered) {
    const result = pick(name, choice, picking.get(name));
    if (!("picked" in result)) {
      problems.push(result);
      continue;
    }
    choices[name] = result.picked;
    if (result.block.value !== null) root = mergeLocated(root, result.block);
  }
  const hints = new Map<string, string>();
  for (const setting of settings.filter((each) => !picks(each))) {
    const [name] = setting.path as [string];
    if (offered.has(name) && !top.has(name)) {
      problems.push({
        at: setting.option,
        message: `"${name}" is a choice`,
        hint: `Pick one of its blocks: ${[...(mapOf(offered.get(name)?.node) ?? NONE).keys()].join(", ")}.`,
      });
      continue;
    }
    const applied = applySetting(root, setting);
    if ("message" in applied) problems.push(applied);
    else {
      root = applied.root;
      if (applied.hint !== undefined) hints.set(setting.option, applied.hint);
    }
  }
  const late = mapOf(root)?.get("choices");
  if (late !== undefined) {
    problems.push({ at: late.key, message: "neither a block nor a setting can bring `choices`" });
  }
  if (problems.length > 0) throw recipeError(file, problems);
  return { root, choices, hints };
}
