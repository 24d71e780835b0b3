const BRAND = Symbol.for("isthmus.error");

/** What an {@link IsthmusError} is made of. */
export interface ErrorDetails {
  /** Stable identifier, `area/what`, listed in docs/errors.md; e.g. `plugin/not-found`. */
  readonly code: string;
  /** What happened and where it came from (file, step, option). */
  readonly message: string;
  /** What the reader can do about it. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/**
 * The one error class of Isthmus. The message says what happened and where, the hint what to do.
 * Recognize it with {@link isIsthmusError}, never with `instanceof`: a plugin may carry its own copy of core.
 */
export class IsthmusError extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  constructor({ code, message, hint, cause }: ErrorDetails) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "IsthmusError";
    this.code = code;
    this.hint = hint;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** True for an {@link IsthmusError} of any copy of core. */
export function isIsthmusError(value: unknown): value is IsthmusError {
  return typeof value === "object" && value !== null && BRAND in value;
}

/** Throws the error that an aborted signal stands for; does nothing while it is not aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new IsthmusError({
      code: "run/aborted",
      message: "The run was stopped before it finished.",
      hint: "Start the same command again: finished steps are kept and the step under way resumes from its last saved epoch.",
      cause: signal.reason,
    });
  }
}
