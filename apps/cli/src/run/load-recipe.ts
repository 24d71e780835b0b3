import { readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import type { NetworkImporter, PluginHost, Recipe } from "@isthmus/core";
import { IsthmusError, readRecipe } from "@isthmus/core";

/** What the command line says about a recipe. */
export interface RecipeRequest {
  /** Path as it was given. */
  readonly file: string;
  /** `choice=block` or `path=value`, in order. */
  readonly sets: readonly string[];
  /** In place of the recipe's own. */
  readonly seeds: readonly number[] | undefined;
}

/**
 * Reads and checks a recipe; messages name its file as seen from the working directory.
 *
 * @throws `recipe/unreadable`, `recipe/invalid`
 */
export async function loadRecipe(
  { file, sets, seeds }: RecipeRequest,
  cwd: string,
  host: PluginHost,
  importNetwork: NetworkImporter,
): Promise<Recipe> {
  const path = resolve(cwd, file);
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new IsthmusError({
      code: "recipe/unreadable",
      message:
        cause.code === "ENOENT"
          ? `There is no recipe ${path}.`
          : `The recipe ${path} cannot be read: ${cause.message}.`,
      hint: "Give the path of a YAML file: isthmus run recipes/quickstart.yaml",
      cause,
    });
  });
  const shown = relative(cwd, path);
  const options = { file: shown, sets, importNetwork, ...(seeds === undefined ? {} : { seeds }) };
  return readRecipe(text, options, host);
}
