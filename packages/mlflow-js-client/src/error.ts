/** What {@link MlflowError} knows besides its message. */
export interface MlflowErrorDetails {
  /** The server's `error_code`, or one of this package's own codes (see {@link MlflowError.code}). */
  readonly code: string;
  /** HTTP status, when there was an answer. */
  readonly status?: number | undefined;
  /** HTTP method of the request. */
  readonly method?: string | undefined;
  /** Address of the request, without credentials. */
  readonly url?: string | undefined;
  /** What to do about it. */
  readonly hint?: string | undefined;
  /** How many times the request was sent; 0 when it was refused before sending. */
  readonly attempts?: number | undefined;
  /** The underlying error. */
  readonly cause?: unknown;
}

/**
 * The only error this package throws on purpose.
 *
 * Branch on `code`, not on `status`: MLflow answers 400 for "exists already", for example.
 *
 * @example
 * ```ts
 * try {
 *   await client.getRun(runId);
 * } catch (error) {
 *   if (error instanceof MlflowError && error.code === "RESOURCE_DOES_NOT_EXIST") console.log("no such run");
 *   else throw error;
 * }
 * ```
 */
export class MlflowError extends Error {
  override readonly name = "MlflowError";
  /**
   * The server's code (`RESOURCE_DOES_NOT_EXIST`, `RESOURCE_ALREADY_EXISTS`, `INVALID_PARAMETER_VALUE`, …) or one of
   * `INVALID_ARGUMENT` (refused before sending), `CONNECTION_FAILED`, `TIMEOUT`, `ABORTED`, `INVALID_RESPONSE`,
   * `INVALID_CONFIGURATION`, `HOST_NOT_ALLOWED`, `CROSS_ORIGIN_BLOCKED`, `ARTIFACTS_NOT_PROXIED`, `LOCAL_FILE`, `HTTP_<status>`,
   * and from the server entry `PYTHON_NOT_FOUND`, `INSTALL_FAILED`, `SERVER_START_FAILED`.
   */
  readonly code: string;
  readonly status: number | undefined;
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly hint: string | undefined;
  readonly attempts: number;

  constructor(message: string, details: MlflowErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.status = details.status;
    this.method = details.method;
    this.url = details.url;
    this.hint = details.hint;
    this.attempts = details.attempts ?? 0;
  }
}

/** Whether `error` is an {@link MlflowError} with the given code. */
export function hasCode(error: unknown, code: string): error is MlflowError {
  return error instanceof MlflowError && error.code === code;
}

/** The error for an argument that would be refused or, worse, silently corrupted by the server. */
export function invalidArgument(message: string, hint?: string): MlflowError {
  return new MlflowError(message, { code: "INVALID_ARGUMENT", hint });
}
