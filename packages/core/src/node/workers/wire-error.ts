import { IsthmusError, isIsthmusError } from "../../errors/isthmus-error.js";

/** Causes further down than this are left out. */
const DEPTH = 8;

/** An error as plain data, with its causes. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Code and hint, of an `IsthmusError`. */
  readonly known: { readonly code: string; readonly hint: string | undefined } | undefined;
  readonly cause: WireError | undefined;
}

/** An error as data that can cross to another process. */
export function packError(error: unknown, depth = 0): WireError {
  const { name, message, stack, cause } =
    error instanceof Error
      ? error
      : { name: "Error", message: String(error), stack: undefined, cause: undefined };
  const known = isIsthmusError(error) ? { code: error.code, hint: error.hint } : undefined;
  const deeper = cause === undefined || depth === DEPTH ? undefined : packError(cause, depth + 1);
  return { name, message, stack, known, cause: deeper };
}

/** The error again: an `IsthmusError` where it was one, with the stack of the process it comes from. */
export function unpackError({ name, message, stack, known, cause }: WireError): Error {
  const inner = cause === undefined ? {} : { cause: unpackError(cause) };
  const error =
    known === undefined
      ? new Error(message, inner)
      : new IsthmusError({
          code: known.code,
          message,
          ...(known.hint === undefined ? {} : { hint: known.hint }),
          ...inner,
        });
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
