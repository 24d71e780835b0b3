import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { DataFiles, Environment } from "@isthmus/core";
import { cacheDir, findProject, nodeDataFiles } from "@isthmus/core/node";
import type { Context } from "./context.js";

/** Where a command works. */
export interface Project {
  /** The nearest folder upward that is a project, else the working directory. */
  readonly root: string;
  /** Folder of everything that is kept: finished steps, saved states, journals. */
  readonly kept: string;
}

/** The project a command was started in. */
export async function openProject(cwd: string): Promise<Project> {
  const root = (await findProject(cwd)) ?? resolve(cwd);
  return { root, kept: join(root, ".isthmus") };
}

/** Where data sets come from. */
export interface DataPlaces {
  /** The user's own folder: `--data-dir`, else `ISTHMUS_DATA_DIR`. */
  readonly dataDir: string | undefined;
  /** Folder of downloads. */
  readonly cacheDir: string;
}

/** The places of data sets, as options and environment say. */
export function dataPlaces(
  { cwd, env }: Pick<Context, "cwd" | "env">,
  dataDir: string | undefined,
): DataPlaces {
  const given = dataDir ?? (env.ISTHMUS_DATA_DIR || undefined);
  return {
    dataDir: given === undefined ? undefined : resolve(cwd, given),
    cacheDir: join(cacheDir(env), "data"),
  };
}

/** The data files of these places. */
export function dataFiles(places: DataPlaces): DataFiles {
  return nodeDataFiles(places);
}

/** What records say about where they were made; `commit` only where the project is under git. */
export async function describeEnvironment(root: string): Promise<Environment> {
  const environment = { platform: `${process.platform} ${process.arch}`, node: process.versions.node };
  try {
    const { stdout } = await promisify(execFile)("git", ["rev-parse", "HEAD"], { cwd: root });
    return { ...environment, commit: stdout.trim() };
  } catch {
    return environment;
  }
}
