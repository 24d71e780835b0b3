import { mkdtemp, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeFolder } from "./make-folder.js";

/** Makes a file's content, or the entries of a folder, survive a loss of power. */
export async function syncToDisk(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** {@link syncToDisk} for folders, where the system can: Windows cannot open them. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform !== "win32") await syncToDisk(path);
}

/** Writes a new file and waits until it is on disk; its folder must exist. */
export async function writeDurably(path: string, content: Uint8Array | string): Promise<void> {
  const handle = await open(path, "wx");
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Replaces a file, or makes it and its folder: whoever reads it, even after a crash, sees the old or the new content, never a
 * part. What a crash leaves of the attempt is a folder beside it whose name begins with the file's.
 */
export async function writeAtomically(path: string, content: Uint8Array | string): Promise<void> {
  const folder = dirname(path);
  makeFolder(folder);
  const attempt = await mkdtemp(`${path}.`);
  try {
    const fresh = join(attempt, basename(path));
    await writeDurably(fresh, content);
    await rename(fresh, path);
    await syncFolder(folder);
  } finally {
    await rm(attempt, { recursive: true, force: true });
  }
}
