import { mkdir, mkdtemp, readdir, rename, rm, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { IsthmusError, isIsthmusError } from "@isthmus/core";
import { makeFolder } from "@isthmus/core/node";
import { lastLine, saysDiskFull, ToolFailed } from "./run-tool.js";

/** Prefix of folders in which an installation is built; the process comes after it. */
const STAGE = ".building-";

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException | undefined)?.code;

/** What went wrong while the cache was written, by this process or by a program that it ran. */
export function writeProblem(folder: string, error: unknown): unknown {
  const code = codeOf(error);
  if (isIsthmusError(error)) return error;
  const full =
    error instanceof ToolFailed ? saysDiskFull(error.output) : /^(ENOSPC|EDQUOT)$/.test(code ?? "");
  if (full)
    return new IsthmusError({
      code: "engine/disk-full",
      message: `The disk of ${folder} is full.`,
      hint: "Free some space, or name a folder on another disk in ISTHMUS_CACHE_DIR. Nothing half-written was left.",
      cause: error,
    });
  if (error instanceof ToolFailed)
    return new IsthmusError({
      code: "engine/tool-failed",
      message: `A program that the installation runs failed: ${lastLine(error.output)} (${error.command})`,
      hint: "Nothing half-written was left. Run the command by hand to see more, and start again.",
      cause: error,
    });
  if (["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "ENOENT"].includes(code ?? ""))
    return new IsthmusError({
      code: "engine/cache-unwritable",
      message: `The cache ${folder} can't be written: ${(error as Error).message}.`,
      hint: "Correct its permissions, or name another folder in ISTHMUS_CACHE_DIR.",
      cause: error,
    });
  return error;
}

const isRunning = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
};

/** Removes what installations that were killed have left. */
async function removeDead(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const pid = name.startsWith(STAGE) ? Number(name.slice(STAGE.length).split("-")[0]) : undefined;
    if (pid !== undefined && !isRunning(pid)) await rm(join(root, name), { recursive: true, force: true });
  }
}

/** Makes sure that the disk has room, as far as the system tells. */
async function checkRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= bytes) return;
  const megabytes = (value: number) => `${Math.ceil(value / 1e6)} MB`;
  throw new IsthmusError({
    code: "engine/disk-full",
    message: `The disk of ${folder} has ${megabytes(free)} free; this takes ${megabytes(bytes)} while it is installed.`,
    hint: "Free some space, or name a folder on another disk in ISTHMUS_CACHE_DIR.",
  });
}

/**
 * Builds a folder of the cache so that it is there whole or not at all: `build` fills a cache of its own beside it, in which the
 * folder has its usual place, and what it has built there is moved. Whatever fails or is stopped, the rest is removed.
 *
 * @param target the folder; replaced where it exists
 * @param bytes room that is needed meanwhile
 */
export async function buildInPlace(
  cache: string,
  target: string,
  bytes: number,
  build: (stage: { readonly cache: string; readonly target: string; readonly temp: string }) => Promise<void>,
): Promise<void> {
  const root = join(cache, "engines");
  let own: string | undefined;
  try {
    makeFolder(root);
    await removeDead(root);
    await checkRoom(root, bytes);
    own = await mkdtemp(join(root, `${STAGE}${process.pid}-`));
    const staged = join(own, target.slice(cache.length));
    const temp = join(own, "temp");
    makeFolder(staged);
    await mkdir(temp);
    await build({ cache: own, target: staged, temp });
    makeFolder(dirname(target));
    if (await stat(target).catch(() => undefined)) await rename(target, join(own, "replaced"));
    await rename(staged, target);
  } catch (error) {
    throw writeProblem(cache, error);
  } finally {
    if (own !== undefined) await rm(own, { recursive: true, force: true, maxRetries: 3 });
  }
}
