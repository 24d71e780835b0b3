import { causeCode, isTlsFailure } from "./connection-error.js";
import type { MlflowError } from "./error.js";

/**
 * When a failed request may be sent again: `always` (it does no harm to do it twice), `unsent` (only when the server
 * surely did nothing), `never`.
 */
export type RetryPolicy = "always" | "unsent" | "never";

/** The parts of a client's options that govern waiting. */
export interface BackoffOptions {
  readonly maxRetries: number;
  /** Seconds. */
  readonly backoffFactor: number;
  readonly respectRetryAfter: boolean;
  readonly random: () => number;
}

const LONGEST_BACKOFF_MS = 120_000;
const LONGEST_RETRY_AFTER_MS = 300_000;
/** A 500 may be the answer to a malformed body, so it gets few chances. */
const MAX_RETRIES_OF_500 = 2;

const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);
const NOT_DONE = new Set([408, 429, 503]);

/**
 * How long to wait before sending a request again, in milliseconds, or `undefined` when it must not be.
 *
 * Before retry n the wait is `f·2^(n−2)` seconds, at most two minutes, of which a random part of up to half is taken
 * off so that many clients do not come back at once; `Retry-After` (at most five minutes) prolongs it.
 *
 * @param attempt how many times the request was sent so far, from 1.
 * @param last what is known besides the error: the server's `Retry-After`, and how many answers were 500 so far.
 */
export function retryDelay(
  error: MlflowError,
  attempt: number,
  policy: RetryPolicy,
  options: BackoffOptions,
  last: { readonly retryAfterMs?: number | undefined; readonly times500?: number } = {},
): number | undefined {
  const { retryAfterMs, times500 = 0 } = last;
  if (attempt > options.maxRetries || !mayRetry(error, times500, policy)) return undefined;
  const nominal = Math.min(options.backoffFactor * 1000 * 2 ** (attempt - 2), LONGEST_BACKOFF_MS);
  const jittered = nominal * (1 - options.random() / 2);
  if (!options.respectRetryAfter || retryAfterMs === undefined) return jittered;
  return Math.max(jittered, Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS));
}

function mayRetry(error: MlflowError, times500: number, policy: RetryPolicy): boolean {
  if (policy === "never") return false;
  const { status, code } = error;
  if (code === "ARTIFACTS_NOT_PROXIED") return false;
  if (status !== undefined) {
    if (NOT_DONE.has(status)) return true;
    if (policy === "unsent" || status < 500 || status === 501 || status === 505) return false;
    return status !== 500 || (code === "INTERNAL_ERROR" && times500 <= MAX_RETRIES_OF_500);
  }
  if (code === "TIMEOUT") return policy === "always";
  if (code !== "CONNECTION_FAILED") return false;
  const cause = causeCode(error.cause);
  if (isTlsFailure(cause) || cause === "ENOTFOUND") return false;
  return policy === "always" || NEVER_SENT.has(cause);
}

/** Reads a `Retry-After` header: seconds, or a date. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (!header) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
