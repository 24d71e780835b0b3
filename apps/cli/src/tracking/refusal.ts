import { MlflowError } from "@isthmus/mlflow-js-client";

const REFUSALS = new Set([
  "INVALID_ARGUMENT",
  "LOCAL_FILE",
  "RESOURCE_DOES_NOT_EXIST",
  "RESOURCE_ALREADY_EXISTS",
]);
const REFUSAL_STATUS = new Set([400, 409, 413, 422]);

/**
 * Whether an error is about the very thing that was sent, which trying again cannot mend. Everything else — no connection, a busy
 * server, wrong credentials, a wrong address — is about the way to the server: what was sent is kept and sent again.
 */
export function isRefusal(error: unknown): error is MlflowError {
  if (!(error instanceof MlflowError) || error.code === "ARTIFACTS_NOT_PROXIED") return false;
  return REFUSALS.has(error.code) || REFUSAL_STATUS.has(error.status ?? 0);
}

/** An error in one line: what happened and what to do. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const hint = "hint" in error && typeof error.hint === "string" ? ` ${error.hint}` : "";
  return `${error.message}${hint}`;
}
