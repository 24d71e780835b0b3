import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { PluginHost } from "../src/host/plugin-host.js";
import { openHost } from "../src/node/discovery.js";
import { type Recipe, readRecipe } from "../src/recipe/read-recipe.js";

const root = new URL("../../../", import.meta.url);

/** Text of a file of the project's recipes. */
export const shippedText = (file: string): Promise<string> =>
  readFile(new URL(`recipes/${file}`, root), "utf8");

/** A host of this project's own plugins, as they are built. */
export const shippedHost = (): Promise<PluginHost> => openHost(fileURLToPath(root));

/** A recipe of the project, read with settings. */
export async function shippedRecipe(name: string, host: PluginHost, ...sets: string[]): Promise<Recipe> {
  return readRecipe(await shippedText(`${name}.yaml`), { file: `${name}.yaml`, sets }, host);
}
