import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, type Dispatcher, request as send } from "undici";
import { errorFromConnection } from "./connection-error.js";
import { authorization, connectOptions } from "./credentials.js";
import { MlflowError } from "./error.js";
import { type MlflowClientOptions, parseTrackingUri } from "./options.js";
import { errorFromResponse } from "./response-error.js";
import { type BackoffOptions, parseRetryAfter, type RetryPolicy, retryDelay } from "./retry.js";
import { USER_AGENT } from "./user-agent.js";

/** A JSON object as the server sends it. */
export type Json = Readonly<Record<string, unknown>>;

/** One call of the REST API. */
export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path below the tracking URI, without a leading slash, already percent-encoded. */
  readonly path: string;
  /** Query parameters; `undefined` is left out, a list repeats its key. */
  readonly query?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  /** Body to be sent as JSON. */
  readonly json?: unknown;
  /** Raw body, made anew for each attempt. */
  readonly body?: { readonly open: () => Uint8Array | Readable; readonly length: number };
}

/** How a call is to be made. */
export interface HttpControl<T> {
  readonly signal?: AbortSignal | undefined;
  /** Default `always`. */
  readonly retry?: RetryPolicy;
  /** Called before each retry; a value found this way is the result, and nothing is sent again. */
  readonly recover?: () => Promise<T | undefined>;
}

/** Reads a successful answer. */
type Reader<T> = (response: Dispatcher.ResponseData) => Promise<T>;

/** Sends requests to one tracking server: addresses, credentials, timeouts, retries, errors. */
export class Http {
  /** Tracking URI without trailing slash or credentials. */
  readonly base: string;
  readonly now: () => number;
  readonly #authorization: string | undefined;
  readonly #agent: Agent;
  readonly #backoff: BackoffOptions;
  readonly #retryAfter = new WeakMap<MlflowError, number>();

  constructor(options: MlflowClientOptions) {
    const address = parseTrackingUri(options.trackingUri);
    const timeout = options.timeoutMs ?? 120_000;
    this.base = address.base;
    this.now = options.now ?? Date.now;
    this.#authorization = authorization(options.auth ?? address.auth);
    this.#agent = new Agent({
      headersTimeout: timeout,
      bodyTimeout: timeout,
      connect: connectOptions(options.tls ?? {}),
    });
    this.#backoff = {
      maxRetries: options.maxRetries ?? 7,
      backoffFactor: options.backoffFactor ?? 2,
      respectRetryAfter: options.respectRetryAfter ?? true,
      random: options.random ?? Math.random,
    };
  }

  /** Calls the REST API and returns the JSON object it answers with. */
  json(request: HttpRequest, control: HttpControl<Json> = {}): Promise<Json> {
    return this.call(request, readJson(request, this.#url(request)), control);
  }

  /** Sends a request, again if need be, and lets `read` read the answer (also again, if the connection breaks). */
  async call<T>(request: HttpRequest, read: Reader<T>, control: HttpControl<T> = {}): Promise<T> {
    const policy = control.retry ?? "always";
    let times500 = 0;
    for (let attempt = 1; ; attempt++) {
      try {
        if (attempt > 1 && control.recover) {
          const found = await control.recover();
          if (found !== undefined) return found;
        }
        return await this.#once(request, read, control.signal, attempt);
      } catch (error) {
        if (!(error instanceof MlflowError)) throw error;
        if (error.status === 500) times500++;
        const last = { retryAfterMs: this.#retryAfter.get(error), times500 };
        const wait = retryDelay(error, attempt, policy, this.#backoff, last);
        if (wait === undefined) throw error;
        await this.#sleep(wait, request, control.signal, attempt);
      }
    }
  }

  /** Waits for calls under way and closes the connections; later calls fail. */
  close(): Promise<void> {
    return this.#agent.close();
  }

  async #once<T>(
    request: HttpRequest,
    read: Reader<T>,
    signal: AbortSignal | undefined,
    attempts: number,
  ): Promise<T> {
    const { method, json, body } = request;
    const url = this.#url(request);
    try {
      const response = await send(url, {
        method,
        dispatcher: this.#agent,
        signal: signal ?? null,
        headers: this.#headers(request),
        body: json === undefined ? (body?.open() ?? null) : JSON.stringify(json),
      });
      if (response.statusCode >= 200 && response.statusCode < 300) return await read(response);
      const text = await response.body.text();
      const error = errorFromResponse({ status: response.statusCode, text, method, url, attempts });
      const header = response.headers["retry-after"];
      const wait = parseRetryAfter(Array.isArray(header) ? header[0] : header, this.now());
      if (wait !== undefined) this.#retryAfter.set(error, wait);
      throw error;
    } catch (error) {
      if (error instanceof MlflowError) throw error;
      throw errorFromConnection(error, { method, url, attempts, signal });
    }
  }

  async #sleep(
    ms: number,
    request: HttpRequest,
    signal: AbortSignal | undefined,
    attempts: number,
  ): Promise<void> {
    try {
      await sleep(ms, undefined, signal ? { signal } : {});
    } catch (error) {
      throw errorFromConnection(error, { method: request.method, url: this.#url(request), attempts, signal });
    }
  }

  #url({ path, query = {} }: HttpRequest): string {
    const search = new URLSearchParams();
    for (const [key, value] of Object.entries(query)) {
      if (value === undefined) continue;
      for (const one of Array.isArray(value) ? value : [value]) search.append(key, String(one));
    }
    return `${this.base}/${path}${search.size > 0 ? `?${search}` : ""}`;
  }

  #headers({ json, body }: HttpRequest): Record<string, string> {
    return {
      "user-agent": USER_AGENT,
      ...(this.#authorization ? { authorization: this.#authorization } : {}),
      ...(json === undefined ? {} : { "content-type": "application/json" }),
      ...(body ? { "content-type": "application/octet-stream", "content-length": String(body.length) } : {}),
    };
  }
}

function readJson(request: HttpRequest, url: string): Reader<Json> {
  return async (response) => {
    const text = await response.body.text();
    if (text === "") return {};
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === "object" && value !== null) return value as Json;
    } catch {
      // Fall through to the error below: a web page, or some other program.
    }
    throw new MlflowError(`${request.method} ${url} was not answered with JSON: ${text.slice(0, 100)}`, {
      code: "INVALID_RESPONSE",
      status: response.statusCode,
      method: request.method,
      url,
      hint: "Check the tracking URI, its path included, and that an MLflow server answers there.",
    });
  };
}
