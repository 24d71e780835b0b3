import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { IsthmusError } from "@isthmus/core";

const HINT = "Give the path of a checkpoint: .safetensors, .pt, .pth.";

/**
 * The bytes of a file that is said to hold a network.
 *
 * @param file absolute path
 * @param shown how messages call it
 * @throws `checkpoint/not-found`, `checkpoint/unreadable` (a folder, an empty file, no permission)
 */
export async function readNetworkFile(file: string, shown: string): Promise<Uint8Array> {
  const bytes = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT" || cause.code === "ENOTDIR") {
      throw new IsthmusError({
        code: "checkpoint/not-found",
        message: `There is no file ${shown}.`,
        hint: HINT,
        cause,
      });
    }
    throw unreadable(cause.code === "EISDIR" ? `${shown} is a folder` : cause.message, cause);
  });
  if (bytes.length === 0) throw unreadable(`${shown} is empty`);
  return bytes;
}

function unreadable(what: string, cause?: unknown): IsthmusError {
  return new IsthmusError({ code: "checkpoint/unreadable", message: `${what}.`, hint: HINT, cause });
}

/** Reads files once before anything else is done, so that a wrong path is told at once. @throws as {@link readNetworkFile} */
export async function checkFiles(files: readonly string[], cwd: string): Promise<void> {
  for (const file of files) await readNetworkFile(resolve(cwd, file), file);
}
