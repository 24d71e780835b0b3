import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { IsthmusError } from "@isthmus/core";
import { commandLine, lastLine, runTool, saysDiskFull, ToolFailed, type ToolOptions } from "./run-tool.js";
import type { Wheel } from "./wheels.js";

/** What pip is asked for a wheel. */
export function pipArguments({ project, version, options }: Wheel, folder: string): readonly string[] {
  const pinned = `${project}==${version}`;
  const only = ["--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check"];
  return ["-m", "pip", "download", ...only, ...options, "--dest", folder, pinned];
}

/** SHA-256 of a file, in hexadecimal digits. */
export async function fileDigest(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash, { signal });
  return hash.digest("hex");
}

function downloadFailed(python: string, wheel: Wheel, failure: ToolFailed): IsthmusError {
  const errors = failure.output.split("\n").filter((line) => /^ERROR/.test(line));
  const said = (errors.at(-1) ?? lastLine(failure.output)).replace(/^ERROR: /, "").trim();
  return new IsthmusError({
    code: "engine/download-failed",
    message: `pip could not download ${wheel.project} ${wheel.version}: ${said}`,
    hint: `Check the network and pip's settings (${python} -m pip config list): an index or proxy that pip knows is used.`,
    cause: failure,
  });
}

/**
 * Downloads a wheel with the user's pip, settings and all, into an empty folder, and checks it.
 *
 * @returns its path
 * @throws `engine/download-failed`, `engine/checksum`
 */
export async function downloadWheel(
  python: string,
  wheel: Wheel,
  folder: string,
  options: ToolOptions,
): Promise<string> {
  try {
    await runTool(python, pipArguments(wheel, folder), options);
  } catch (error) {
    if (!(error instanceof ToolFailed) || saysDiskFull(error.output)) throw error;
    throw downloadFailed(python, wheel, error);
  }
  const files = (await readdir(folder)).filter((name) => name.endsWith(".whl"));
  const [file] = files.map((name) => join(folder, name));
  const digest = file === undefined ? "no file" : await fileDigest(file, options.signal);
  if (file !== undefined && files.length === 1 && digest === wheel.sha256) return file;
  throw new IsthmusError({
    code: "engine/checksum",
    message: `What pip downloaded as ${wheel.project} ${wheel.version} is not what it should be: its SHA-256 is ${digest}, not ${wheel.sha256}.`,
    hint: "Nothing of it was used. Look at which index pip asks (pip config list), empty its cache (pip cache purge) and try again.",
  });
}

/** Unpacks what of a wheel begins with one of `prefixes` into a folder, with Python's own zip reader, and deletes the wheel. */
export async function unpackWheel(
  python: string,
  file: string,
  prefixes: readonly string[],
  folder: string,
  options: ToolOptions,
): Promise<void> {
  await runTool(python, ["-c", UNPACK, file, folder, ...prefixes], options);
  await rm(file);
}

const UNPACK =
  "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); z.extractall(sys.argv[2], [n for n in z.namelist() if n.startswith(tuple(sys.argv[3:]))])";

/** The download as a person would type it. */
export function shownDownload(python: string, wheel: Wheel): string {
  return commandLine(python, pipArguments(wheel, "<folder>"));
}
