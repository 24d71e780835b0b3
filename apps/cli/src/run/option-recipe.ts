import type { JsonObject, NetworkImporter, Plan, PluginHost, Recipe, Setting } from "@isthmus/core";
import { IsthmusError, parseReference, parseSetting, readRecipe } from "@isthmus/core";

/** A setting that a command-line option stands for; what is wrong with it is reported as that option. */
export function setting(option: string, path: readonly string[], value: unknown): Setting {
  return { option, path, text: JSON.stringify(value) };
}

/**
 * The setting of an option that names a contribution, `mlp {hidden: [8]}`.
 *
 * @param path where the recipe has it
 * @param key under which it has the name there
 * @throws `options/unreadable`
 */
export function referenceSetting(
  option: string,
  text: string,
  path: readonly string[],
  key: string,
): Setting {
  const { name, options } = parseReference(text, option);
  return setting(`${option} ${text}`, path, { [key]: name, options });
}

/**
 * `--set key=value` for entries below a path of the recipe.
 *
 * @throws `options/unreadable`
 */
export function settingsBelow(path: readonly string[], sets: readonly string[]): readonly Setting[] {
  return sets.map((text) => {
    const parsed = parseSetting(text);
    if ("path" in parsed) return { ...parsed, path: [...path, ...parsed.path] };
    throw new IsthmusError({
      code: "options/unreadable",
      message: `${parsed.at}: ${parsed.message}.`,
      hint: "Write --set option=value, or --set group.option=value.",
    });
  });
}

/** A recipe that the options of a command make up. */
export interface OptionRecipe {
  readonly plan: Plan;
  readonly recipe: Pick<Recipe, "body" | "choices">;
  /** The whole as a recipe of its own. */
  readonly text: string;
}

/**
 * Makes a recipe of the experiment `fusion` out of options, and plans it: what a command does is what a recipe does.
 *
 * @param command names it in messages and on the tracking server, e.g. `train`
 * @throws `recipe/invalid`: every problem with the option that it comes from
 */
export async function optionRecipe(
  command: string,
  base: JsonObject,
  settings: readonly Setting[],
  { seed, host, importNetwork }: { seed: number; host: PluginHost; importNetwork?: NetworkImporter },
): Promise<OptionRecipe> {
  const head = { name: command, experiment: "fusion" };
  const recipe = await readRecipe(
    JSON.stringify({ ...head, ...base }),
    {
      file: `isthmus ${command}`,
      sets: settings,
      seeds: [seed],
      ...(importNetwork && { importNetwork }),
    },
    host,
  );
  const text = `${JSON.stringify({ ...head, seeds: [seed], ...recipe.body }, undefined, 2)}\n`;
  return { plan: await recipe.plan(), recipe, text };
}
