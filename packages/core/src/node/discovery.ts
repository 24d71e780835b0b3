import { realpath } from "node:fs/promises";
import { isAbsolute, resolve } from "node:path";
import { IsthmusError, isIsthmusError } from "../errors/isthmus-error.js";
import { PluginHost } from "../host/plugin-host.js";
import type { PluginSource } from "../host/plugin-source.js";
import { builtinSource } from "./builtin-source.js";
import { type ProjectConfig, readConfig } from "./find-project.js";
import { brokenSource, findPackage, packageSource, readPackageJson } from "./package-source.js";

const KEYWORD = "isthmus-plugin";

/** The config's `plugins`; undefined where it has none. */
function configuredPlugins(config: ProjectConfig | undefined): readonly string[] | undefined {
  const plugins = config?.values.plugins;
  if (config === undefined || plugins === undefined) return undefined;
  if (Array.isArray(plugins) && plugins.every((item) => typeof item === "string")) return plugins;
  throw new IsthmusError({
    code: "config/invalid",
    message: `${config.file}: plugins must be a list of package names and relative paths.`,
    hint: 'For example: plugins: ["@isthmus/fusion-avg", "./my-plugin"]',
  });
}

/** Turns an error of ours into a plugin that is listed as broken. */
async function orBroken<Found>(
  name: string,
  origin: string,
  find: () => Promise<Found>,
): Promise<Found | PluginSource> {
  try {
    return await find();
  } catch (error) {
    if (isIsthmusError(error)) return brokenSource(name, origin, error);
    throw error;
  }
}

async function configuredPlugin(name: string, projectDir: string, config: string): Promise<PluginSource> {
  const isPath = name.startsWith(".") || isAbsolute(name);
  const directory = isPath ? resolve(projectDir, name) : await findPackage(name, projectDir);
  const packageJson = directory === undefined ? undefined : await readPackageJson(directory);
  if (directory !== undefined && packageJson !== undefined) {
    return packageSource(await realpath(directory), packageJson);
  }
  throw new IsthmusError({
    code: "plugin/not-found",
    message: isPath
      ? `${config} lists the plugin "${name}", but ${directory} holds no package.json.`
      : `${config} lists the plugin "${name}", which is not installed in ${projectDir}.`,
    hint: isPath ? "Correct the path; it is relative to the project." : `Install it: npm install ${name}`,
  });
}

/** A dependency that is installed and carries the keyword. */
async function dependencyPlugin(name: string, projectDir: string): Promise<PluginSource | undefined> {
  const directory = await findPackage(name, projectDir);
  if (directory === undefined) return undefined;
  const packageJson = await readPackageJson(directory);
  const keywords = packageJson?.keywords;
  if (packageJson === undefined || !Array.isArray(keywords) || !keywords.includes(KEYWORD)) return undefined;
  return packageSource(directory, packageJson);
}

/** Names of a project's direct dependencies, each once. */
async function dependencies(projectDir: string): Promise<string[]> {
  const project = (await readPackageJson(projectDir)) ?? {};
  const lists = [project.dependencies, project.devDependencies, project.optionalDependencies];
  return [...new Set(lists.flatMap((list) => Object.keys(list ?? {})))];
}

/**
 * The plugins of a project: those that its config file names under `plugins` (package names, or paths relative to the project), else its
 * direct dependencies with the keyword `isthmus-plugin`. Only package.json files are read. A configured plugin that is missing is
 * among the result, with its problem.
 *
 * @throws IsthmusError `config/invalid`, or `plugin/manifest-invalid` where the project's own package.json is not JSON
 */
export async function discoverPlugins(projectDir: string): Promise<PluginSource[]> {
  const config = await readConfig(projectDir);
  const configured = configuredPlugins(config);
  const found =
    config === undefined || configured === undefined
      ? (await dependencies(projectDir)).map((name) =>
          orBroken(name, projectDir, () => dependencyPlugin(name, projectDir)),
        )
      : [...new Set(configured)].map((name) =>
          orBroken(name, projectDir, () => configuredPlugin(name, projectDir, config.file)),
        );
  return (await Promise.all(found)).filter((source) => source !== undefined);
}

/** A host of a project's plugins and of what core itself brings. */
export async function openHost(projectDir: string): Promise<PluginHost> {
  const builtin = await builtinSource();
  return new PluginHost([...(builtin ? [builtin] : []), ...(await discoverPlugins(projectDir))]);
}
