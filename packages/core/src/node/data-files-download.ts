import type { Progress } from "../contracts/ports.js";
import { isIsthmusError, throwIfAborted } from "../errors/isthmus-error.js";
import type { PartialDownload } from "./data-files-partial.js";

/** Silence after which a connection counts as stalled, in milliseconds. */
const STALL = 60_000;

/** How often one address is asked, as long as every attempt brings new bytes. */
const ATTEMPTS = 10;

/** What a download may use. */
export interface DownloadContext {
  readonly fetch: typeof globalThis.fetch;
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Aborts once nothing has happened for {@link STALL} ms. */
class Watchdog {
  private readonly controller = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Something has happened. */
  reset(): void {
    this.stop();
    const reason = new Error(`sent nothing for ${STALL / 1000} seconds`);
    this.timer = setTimeout(() => this.controller.abort(reason), STALL);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}

/** What identifies this version of the file: a strong ETag, else the date of its last modification. */
function validatorOf(headers: Headers): string | null {
  if (isEncoded(headers)) return null;
  const etag = headers.get("etag");
  return etag === null || etag.startsWith("W/") ? headers.get("last-modified") : etag;
}

/** True where the server compressed what it sends: offsets and lengths are then not those of the file. */
function isEncoded(headers: Headers): boolean {
  return (headers.get("content-encoding") ?? "identity") !== "identity";
}

function lengthOf(headers: Headers): number | undefined {
  const length = headers.get("content-length");
  return length === null || isEncoded(headers) ? undefined : Number(length);
}

/** Size of the whole file, where an answer continues the same version of it exactly at `offset`. */
function continuedTotal(
  { status, headers }: Response,
  offset: number,
  validator: string,
): number | undefined {
  if (status !== 206 || (validator.startsWith('"') && headers.get("etag") !== validator)) return undefined;
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get("content-range") ?? "");
  return range !== null && Number(range[1]) === offset ? Number(range[2]) : undefined;
}

/** Asks for the rest of a file, or for all of it where the rest alone cannot be had; `done` bytes are there already. */
async function openBody(
  url: string,
  part: PartialDownload,
  request: (headers: Readonly<Record<string, string>>) => Promise<Response>,
): Promise<{ readonly chunks: AsyncIterable<Uint8Array>; readonly done: number; readonly total?: number }> {
  const origin = await part.origin();
  const validator = origin?.url === url ? origin.validator : null;
  const size = validator === null ? 0 : await part.size();
  const isResumed = validator !== null && size > 0;
  let response = await request(isResumed ? { range: `bytes=${size}-`, "if-range": validator } : {});
  if (isResumed) {
    const total = continuedTotal(response, size, validator);
    if (total !== undefined && response.body !== null) return { chunks: response.body, done: size, total };
    if (response.status === 206 || response.status === 416) {
      await response.body?.cancel();
      response = await request({});
    }
  }
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw new Error(`answered ${response.status} ${response.statusText}`.trim());
  }
  await part.restart({ url, validator: validatorOf(response.headers) });
  return { chunks: response.body, done: 0, total: lengthOf(response.headers) };
}

/** One request, as far as it gets. */
async function attempt(url: string, part: PartialDownload, context: DownloadContext): Promise<void> {
  const watchdog = new Watchdog();
  const signal = AbortSignal.any([
    watchdog.signal,
    ...(context.signal === undefined ? [] : [context.signal]),
  ]);
  watchdog.reset();
  try {
    const body = await openBody(url, part, (headers) => {
      return context.fetch(url, { headers: { "accept-encoding": "identity", ...headers }, signal });
    });
    const { chunks, total } = body;
    let { done } = body;
    context.progress?.(done, total, "bytes");
    await part.append(chunks, (bytes) => {
      watchdog.reset();
      done += bytes;
      context.progress?.(done, total, "bytes");
    });
    if (total !== undefined && done !== total) throw new Error(`ended after ${done} of ${total} bytes`);
  } finally {
    watchdog.stop();
  }
}

/**
 * Completes a partial download from one address, by HTTP ranges where the server can and the file is still the same one.
 * A cut or stalled connection is taken up again as long as each attempt brings new bytes.
 * Throws a plain `Error` that says what the address did, or an `IsthmusError` (`run/aborted`, `data/cache-unwritable`).
 */
export async function download(url: string, part: PartialDownload, context: DownloadContext): Promise<void> {
  for (let count = 1; ; count++) {
    const before = (await part.origin())?.url === url ? await part.size() : 0;
    try {
      return await attempt(url, part, context);
    } catch (error) {
      throwIfAborted(context.signal);
      const isOwn = (await part.origin())?.url === url;
      if (isIsthmusError(error) || !isOwn || (await part.size()) <= before || count === ATTEMPTS) throw error;
    }
  }
}
