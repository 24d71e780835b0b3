import { MlflowError } from "./error.js";

/** A request that got no complete answer. */
export interface LostRequest {
  readonly method: string;
  readonly url: string;
  readonly attempts: number;
  readonly signal: AbortSignal | undefined;
}

/** Turns a failure of the connection into an error with one of the codes `ABORTED`, `TIMEOUT`, `CONNECTION_FAILED`, `LOCAL_FILE`. */
export function errorFromConnection(cause: unknown, request: LostRequest): MlflowError {
  const { method, url, attempts, signal } = request;
  const known = { method, url, attempts };
  if (signal?.aborted) {
    return new MlflowError(`${method} ${url} was aborted.`, {
      ...known,
      code: "ABORTED",
      cause: signal.reason,
    });
  }
  const { origin } = new URL(url);
  const code = causeCode(cause);
  if (LOCAL.has(code)) return localFileError(cause, known);
  if (TIMEOUTS.has(code)) {
    return new MlflowError(`${origin} did not answer ${method} ${url} in time.`, {
      ...known,
      code: "TIMEOUT",
      hint: "The server may be busy; a longer timeout (MLFLOW_HTTP_REQUEST_TIMEOUT) may help.",
      cause,
    });
  }
  const reason = cause instanceof Error && cause.message ? cause.message : code;
  return new MlflowError(`No connection to the MLflow server at ${origin} (${reason}).`, {
    ...known,
    code: "CONNECTION_FAILED",
    hint: hintFor(code),
    cause,
  });
}

/** The error for a file on this side that cannot be read or written. */
export function localFileError(cause: unknown, request: Partial<LostRequest> = {}): MlflowError {
  const { method, url, attempts } = request;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new MlflowError(`A local file could not be read or written: ${reason}`, {
    code: "LOCAL_FILE",
    method,
    url,
    attempts,
    hint: "Check its path, its permissions and the free disk space.",
    cause,
  });
}

/** The system's or undici's code of a failure, or an empty string. */
export function causeCode(cause: unknown): string {
  if (typeof cause !== "object" || cause === null) return "";
  const { code } = cause as { code?: unknown };
  if (typeof code === "string") return code;
  return cause instanceof AggregateError ? causeCode(cause.errors[0]) : "";
}

/** Failures of certificates, which no retry can mend. */
export function isTlsFailure(code: string): boolean {
  return /CERT|SELF_SIGNED|^ERR_TLS|^ERR_SSL|UNABLE_TO_(VERIFY|GET)/.test(code);
}

/** Codes of files and disks, which the reading and writing of artifacts can meet in the middle of a request. */
const LOCAL = new Set([
  "ENOENT",
  "EACCES",
  "EISDIR",
  "ENOTDIR",
  "ENOSPC",
  "EDQUOT",
  "EROFS",
  "EMFILE",
  "EIO",
]);

const TIMEOUTS = new Set(["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);

function hintFor(code: string): string {
  if (isTlsFailure(code)) {
    return "Give the authority's certificate (MLFLOW_TRACKING_SERVER_CERT_PATH), and a client certificate if the server asks for one.";
  }
  if (code === "ENOTFOUND") return "Check the host's name in the tracking URI.";
  return "Check that the server runs and that the tracking URI is right.";
}
