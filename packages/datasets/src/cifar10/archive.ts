import { IsthmusError } from "@isthmus/core";
import { parseTar } from "nanotar";

/**
 * Names and contents of the files in a tar archive; contents are views of `bytes`, which begin where their memory does.
 *
 * @throws `data/malformed`, naming `source`, where the archive is cut off or is none
 */
export function archiveFiles(bytes: Uint8Array, source: string): readonly (readonly [string, Uint8Array])[] {
  try {
    return parseTar(bytes).flatMap(({ name, data }) => (data === undefined ? [] : [[name, data] as const]));
  } catch (cause) {
    throw new IsthmusError({
      code: "data/malformed",
      message: `${source} is not a tar archive, or one that is cut off.`,
      hint: "Delete the file and get it again.",
      cause,
    });
  }
}
