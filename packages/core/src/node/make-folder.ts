import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { errorCode } from "./file-errors.js";

/**
 * Makes a folder and those above it, like `mkdir` with `recursive`, which never returns in file systems that answer "no such
 * file" when asked to make one (/proc). Does nothing where it exists.
 *
 * @throws the system's error of the folder that could not be made
 */
export function makeFolder(path: string): void {
  const folder = resolve(path);
  try {
    mkdirSync(folder);
  } catch (error) {
    const parent = dirname(folder);
    if (errorCode(error) === "ENOENT" && parent !== folder) {
      makeFolder(parent);
      mkdirOnce(folder);
    } else if (errorCode(error) !== "EEXIST") throw error;
  }
}

/** One attempt; somebody else may have been faster. */
function mkdirOnce(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (errorCode(error) !== "EEXIST") throw error;
  }
}
