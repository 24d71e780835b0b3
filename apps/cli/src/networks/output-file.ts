import { mkdtempSync, rmSync, statSync } from "node:fs";
import { dirname, extname, relative, resolve } from "node:path";
import { IsthmusError } from "@isthmus/core";
import { makeFolder } from "@isthmus/core/node";

function unwritable(file: string, why: string, cause?: unknown): IsthmusError {
  return new IsthmusError({
    code: "cli/out-unwritable",
    message: `${file} cannot be written: ${why}.`,
    hint: "Choose another path with --out; nothing was computed.",
    cause,
  });
}

/** A file beside another one: `mpf.curve.safetensors` of `mpf.safetensors` and `curve`. */
export function besides(file: string, name: string): string {
  const extension = extname(file);
  return `${file.slice(0, file.length - extension.length)}.${name}${extension || ".safetensors"}`;
}

/**
 * Checks, before anything is computed, that a file can be written: its folder is made where it is missing. An existing file will be
 * replaced, as `cp` does it, and like `cp` this refuses to write over what it reads.
 *
 * @param file path as it was given
 * @param inputs files that the command reads
 * @returns absolute path
 * @throws `cli/out-unwritable`, `cli/out-is-input`
 */
export function checkOutput(file: string, inputs: readonly string[], cwd: string): string {
  const path = resolve(cwd, file);
  if (inputs.some((input) => resolve(cwd, input) === path)) {
    throw new IsthmusError({
      code: "cli/out-is-input",
      message: `${file} is both what is read and what is to be written.`,
      hint: "Choose another path with --out.",
    });
  }
  let isFolder = false;
  try {
    makeFolder(dirname(path));
    rmSync(mkdtempSync(`${path}.`), { recursive: true });
    isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch (cause) {
    throw unwritable(file, (cause as Error).message, cause);
  }
  if (isFolder) throw unwritable(file, "it is a folder");
  return path;
}

/** A path as the user would write it: relative where it is below the working directory. */
export function shownPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short.startsWith("..") ? path : short;
}
