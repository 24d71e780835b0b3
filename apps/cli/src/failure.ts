import { isIsthmusError } from "@isthmus/core";
import { CommanderError } from "commander";

/** How the command ends: everything went well, something failed, it was asked for something that cannot be. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** An error together with the exit code it deserves, where the error alone does not tell. */
export class Failure {
  constructor(
    readonly error: unknown,
    readonly exitCode: number,
  ) {}
}

/** Areas of error codes that stand for a wrong request: the command line, a file, a recipe, its options, the project's set-up. */
const USAGE = new Set([
  "checkpoint",
  "cli",
  "config",
  "dataset",
  "engine",
  "landscape",
  "options",
  "plugin",
  "recipe",
]);

/** The exit code that an error stands for. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Failure) return error.exitCode;
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (isIsthmusError(error) && USAGE.has(error.code.split("/")[0] as string)) return EXIT.usage;
  return EXIT.failed;
}
