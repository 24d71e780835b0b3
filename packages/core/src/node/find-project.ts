import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { IsthmusError } from "../errors/isthmus-error.js";
import { errorCode } from "./file-errors.js";

const CONFIG_NAMES = ["isthmus.config.yaml", "isthmus.config.json"];

/** A project's config file. */
export interface ProjectConfig {
  /** Absolute path of the file. */
  readonly file: string;
  /** What it holds; each reader checks the keys that it knows. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** What a directory holds: nothing, where it does not exist or may not be read. */
async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES"].includes(errorCode(error) ?? "")) return [];
    throw error;
  }
}

/**
 * The nearest directory upward from `start` that holds a config file (`isthmus.config.yaml`, `isthmus.config.json`) or a package.json;
 * undefined where there is none.
 */
export async function findProject(start: string): Promise<string | undefined> {
  let directory = resolve(start);
  for (;;) {
    const names = await namesIn(directory);
    if ([...CONFIG_NAMES, "package.json"].some((name) => names.includes(name))) return directory;
    const parent = dirname(directory);
    if (parent === directory) return undefined;
    directory = parent;
  }
}

function configError(file: string, what: string, hint: string, cause?: unknown): IsthmusError {
  return new IsthmusError({ code: "config/invalid", message: `${file}: ${what}`, hint, cause });
}

/**
 * Reads the config file at a project's root; undefined where there is none.
 *
 * @throws IsthmusError `config/invalid`
 */
export async function readConfig(projectDir: string): Promise<ProjectConfig | undefined> {
  const present = await namesIn(projectDir);
  const [name, second] = CONFIG_NAMES.filter((candidate) => present.includes(candidate));
  if (name === undefined) return undefined;
  const file = join(resolve(projectDir), name);
  if (second !== undefined) {
    throw configError(
      file,
      `stands beside ${second}, and only one of them can hold.`,
      "Remove one of the two.",
    );
  }
  let values: unknown;
  try {
    const text = await readFile(file, "utf8");
    values = name.endsWith(".json") ? JSON.parse(text) : (parse(text) ?? {});
  } catch (cause) {
    throw configError(file, (cause as Error).message, "Correct the file at the place named.", cause);
  }
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    throw configError(file, "must hold keys and values.", 'For example: plugins: ["@isthmus/fusion-avg"]');
  }
  return { file, values: values as ProjectConfig["values"] };
}
