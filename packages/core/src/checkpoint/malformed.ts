import { IsthmusError } from "../errors/isthmus-error.js";

/** The error for a file that breaks its format. @param what the format, e.g. `a valid pickle` */
export function malformedFile(source: string, what: string, problem: string, cause?: unknown): IsthmusError {
  return new IsthmusError({
    code: "checkpoint/malformed",
    message: `${source} is not ${what}: ${problem}.`,
    hint: "The file is damaged or of another format; copy or make it again.",
    cause,
  });
}
