import { fileURLToPath } from "node:url";
import type { PluginSource } from "../host/plugin-source.js";
import { packageSource, readPackageJson } from "./package-source.js";

/**
 * Core itself as a plugin: the steps and experiments that its own package.json names under `isthmus`. Undefined where it names none.
 */
export async function builtinSource(): Promise<PluginSource | undefined> {
  const directory = fileURLToPath(new URL("../..", import.meta.url));
  const packageJson = await readPackageJson(directory);
  if (packageJson?.isthmus === undefined) return undefined;
  return { ...packageSource(directory, packageJson), load: () => import("../builtin.js") };
}
