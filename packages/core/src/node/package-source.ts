import { existsSync } from "node:fs";
import { readFile, realpath } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { IsthmusError } from "../errors/isthmus-error.js";
import type { PluginSource } from "../host/plugin-source.js";
import { unlessMissing } from "./file-errors.js";
import { packageEntry } from "./package-entry.js";

/** The fields of a package.json that are read here, as they are found. */
export type PackageJson = Readonly<Record<string, unknown>>;

/**
 * Reads a package.json; undefined where there is none.
 *
 * @throws IsthmusError `plugin/manifest-invalid` where it is not JSON
 */
export async function readPackageJson(directory: string): Promise<PackageJson | undefined> {
  const file = join(directory, "package.json");
  const text = await unlessMissing(readFile(file, "utf8"));
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as PackageJson;
    throw new SyntaxError("it is not an object");
  } catch (cause) {
    throw new IsthmusError({
      code: "plugin/manifest-invalid",
      message: `${file} cannot be read: ${(cause as Error).message}`,
      hint: "Correct the file, or reinstall the package.",
      cause,
    });
  }
}

/**
 * The directory of an installed package: `node_modules/<name>` in `from` or a directory above it. Walked by hand, since a package's
 * `exports` may hide its package.json; symbolic links are followed, as Node does on import. Undefined where it is not installed.
 */
export async function findPackage(name: string, from: string): Promise<string | undefined> {
  let directory = resolve(from);
  for (;;) {
    const candidate = join(directory, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return realpath(candidate);
    const parent = dirname(directory);
    if (parent === directory) return undefined;
    directory = parent;
  }
}

/** A plugin that is known by name only, and why. */
export function brokenSource(name: string, origin: string, problem: IsthmusError): PluginSource {
  const fail = (): never => {
    throw problem;
  };
  return {
    name,
    version: "(unknown)",
    origin,
    manifest: undefined,
    load: async () => fail(),
    file: fail,
    problem,
  };
}

function existingFile(directory: string, relative: string): string {
  const file = join(directory, relative);
  if (existsSync(file)) return file;
  throw new IsthmusError({
    code: "plugin/missing-file",
    message: `${file} does not exist, but ${join(directory, "package.json")} names it.`,
    hint: "If the package is your own, build it (npm run build); else reinstall it.",
  });
}

async function importEntry(directory: string, packageJson: PackageJson): Promise<unknown> {
  const entry = packageEntry(packageJson);
  if (entry === undefined) {
    throw new IsthmusError({
      code: "plugin/import-failed",
      message: `${join(directory, "package.json")} has no main entry that can be imported.`,
      hint: 'It needs "exports": { ".": "./dist/index.js" }.',
    });
  }
  return import(pathToFileURL(existingFile(directory, entry)).href);
}

/** The plugin in a package's directory. Nothing of it is imported yet. */
export function packageSource(directory: string, packageJson: PackageJson): PluginSource {
  const { name, version, isthmus } = packageJson;
  if (typeof name !== "string" || typeof version !== "string") {
    const problem = new IsthmusError({
      code: "plugin/manifest-invalid",
      message: `${join(directory, "package.json")} has no name or no version.`,
      hint: 'Add both, e.g. "name": "my-plugin", "version": "0.1.0".',
    });
    return brokenSource(typeof name === "string" ? name : directory, directory, problem);
  }
  return {
    name,
    version,
    origin: directory,
    manifest: isthmus,
    load: () => importEntry(directory, packageJson),
    file: (relative) => existingFile(directory, relative),
  };
}
