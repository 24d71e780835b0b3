import { MlflowError } from "./error.js";

/** How to say who we are: a name and password (MLflow's own login), or a token (reverse proxies, managed services). */
export type MlflowAuth =
  | { readonly username: string; readonly password: string }
  | { readonly token: string };

/** Transport security of an `https:` tracking server. */
export interface TlsOptions {
  /** Accept any certificate. For tests only. */
  readonly insecure?: boolean;
  /** PEM file with the certificate authority to trust. */
  readonly serverCertPath?: string;
  /** PEM file with this client's certificate and key. */
  readonly clientCertPath?: string;
}

/** What a client may be told. Only `trackingUri` is needed. */
export interface MlflowClientOptions {
  /** Address of the tracking server, for example `http://127.0.0.1:5000`; a path is kept. */
  readonly trackingUri: string;
  /** Credentials; a name and password inside `trackingUri` work too. */
  readonly auth?: MlflowAuth | undefined;
  readonly tls?: TlsOptions | undefined;
  /** How long the server may stay silent, in milliseconds; default 120 000. */
  readonly timeoutMs?: number;
  /** How often a failed request is sent again; default 7, about two minutes in all. 0 to never retry. */
  readonly maxRetries?: number;
  /** Seconds `f` of the waiting time before retry n, `f·2^(n−2)` (less up to half of it, at random); default 2. */
  readonly backoffFactor?: number;
  /** Wait at least as long as the server's `Retry-After` says; default true. */
  readonly respectRetryAfter?: boolean;
  /** Name used by `defaultExperiment()`. */
  readonly experimentName?: string | undefined;
  /** Id used by `defaultExperiment()`. */
  readonly experimentId?: string | undefined;
  /** Tag that holds a run's client-made id; default `mlflow-js-client.uid`. */
  readonly uidTag?: string;
  /** Milliseconds since 1970; default `Date.now`. */
  readonly now?: () => number;
  /** Uniform in [0, 1), for the jitter; default `Math.random`. */
  readonly random?: () => number;
}

/** Per-call options. */
export interface CallOptions {
  /** Gives up waiting: the call rejects with code `ABORTED`. The server may still have done its part. */
  readonly signal?: AbortSignal | undefined;
}

/** Where a tag keeps a run's client-made id unless told otherwise. */
export const DEFAULT_UID_TAG = "mlflow-js-client.uid";

/** A tracking URI taken apart. */
export interface TrackingAddress {
  /** Scheme, host and path, without a trailing slash or credentials. */
  readonly base: string;
  /** Credentials that were written into the address. */
  readonly auth: MlflowAuth | undefined;
}

/** Checks a tracking URI and separates credentials from it, so that they never show up in links and messages. */
export function parseTrackingUri(trackingUri: string): TrackingAddress {
  let url: URL;
  try {
    url = new URL(trackingUri);
  } catch (cause) {
    throw invalidConfiguration(
      `"${trackingUri}" is not an address.`,
      "Give the tracking server's address, such as http://127.0.0.1:5000.",
      cause,
    );
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw invalidConfiguration(
      `The tracking URI ${url.protocol} cannot be used; this client talks to a tracking server only.`,
      "Start one (mlflow server --backend-store-uri …) and give its http:// or https:// address.",
    );
  }
  const auth = url.username
    ? { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }
    : undefined;
  return { base: `${url.origin}${url.pathname.replace(/\/+$/, "")}`, auth };
}

/** The error for options that cannot work. */
export function invalidConfiguration(message: string, hint: string, cause?: unknown): MlflowError {
  return new MlflowError(message, { code: "INVALID_CONFIGURATION", hint, cause });
}
