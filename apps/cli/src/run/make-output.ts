import { IsthmusError } from "@isthmus/core";
import { makeFolder } from "@isthmus/core/node";

/** Makes the folder of the results before anything is computed, so that a wrong one costs no time. */
export function makeOutput(folder: string): string {
  try {
    makeFolder(folder);
    return folder;
  } catch (cause) {
    throw new IsthmusError({
      code: "cli/out-unwritable",
      message: `The folder of the results cannot be made: ${(cause as Error).message}.`,
      hint: "Choose another one with --out.",
      cause,
    });
  }
}
