import { readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { DataFileRequest, DataFiles, Progress } from "../contracts/ports.js";
import { IsthmusError, isIsthmusError, throwIfAborted } from "../errors/isthmus-error.js";
import { download } from "./data-files-download.js";
import { onDisk, PartialDownload } from "./data-files-partial.js";

/** Where data files are looked for. */
export interface NodeDataFilesOptions {
  /** Folder given by the user: files are then read from here and nowhere else, and nothing is downloaded. */
  readonly dataDir?: string | undefined;
  /** Folder in which downloads are kept. */
  readonly cacheDir: string;
  /** Replaces the global `fetch`, e.g. to go through a proxy. */
  readonly fetch?: typeof globalThis.fetch | undefined;
}

interface ReadOptions {
  readonly progress?: Progress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A file's bytes, or undefined where there is no such file. */
async function readIfThere(path: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path, { signal });
  } catch (cause) {
    throwIfAborted(signal);
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new IsthmusError({
      code: "data/unreadable",
      message: `Cannot read ${path}: ${message}.`,
      hint: "Make it a file that this user may read.",
      cause,
    });
  }
}

async function fromDataDir<Value>(
  dataDir: string,
  { folder, names, decode }: DataFileRequest<Value>,
  { signal }: ReadOptions,
): Promise<Value> {
  const paths = names.flatMap((name) => [join(dataDir, folder, name), join(dataDir, name)]);
  for (const path of paths) {
    const bytes = await readIfThere(path, signal);
    if (bytes !== undefined) return decode(bytes, path);
  }
  throw new IsthmusError({
    code: "data/not-found",
    message: `The data directory has no ${names.join(" or ")}. Tried:\n${paths.map((path) => `  ${path}`).join("\n")}`,
    hint: "Put the file at one of these places, or leave out --data-dir to download it.",
  });
}

/** The decoded value in a box, so that it may be anything; a damaged file is removed and counts as missing. */
async function fromCache<Value>(
  folder: string,
  { names, decode }: DataFileRequest<Value>,
  { signal }: ReadOptions,
): Promise<{ readonly value: Value } | undefined> {
  for (const name of names) {
    const path = join(folder, name);
    const bytes = await readIfThere(path, signal);
    if (bytes === undefined) continue;
    try {
      return { value: await decode(bytes, path) };
    } catch (error) {
      await onDisk(path, () => rm(path, { force: true }));
      process.emitWarning(
        `A cached data file was damaged and has been removed; downloading it again. ${reasonOf(error)}`,
        {
          code: "data/cache-damaged",
        },
      );
    }
  }
  return undefined;
}

/** What an error says, with the system's word for it where fetch hides that in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error) || isIsthmusError(error)) return String((error as Error).message ?? error);
  const { code, message } = (error.cause ?? {}) as { code?: string; message?: string };
  const detail = code ?? message;
  return detail === undefined ? error.message : `${error.message} (${detail})`;
}

async function fromWeb<Value>(
  folder: string,
  { folder: dataset, names: [name], urls, decode }: DataFileRequest<Value>,
  context: ReadOptions & { readonly fetch: typeof globalThis.fetch },
): Promise<Value> {
  const failures: { readonly url: string; readonly error: unknown }[] = [];
  const part = await PartialDownload.claim(join(folder, name));
  try {
    for (const url of urls) {
      try {
        await download(url, part, context);
      } catch (error) {
        if (isIsthmusError(error)) throw error;
        failures.push({ url, error });
        continue;
      }
      const bytes = await part.bytes();
      try {
        const value = await decode(bytes, url);
        await part.finish();
        return value;
      } catch (error) {
        throwIfAborted(context.signal);
        if (isIsthmusError(error) && error.code === "data/cache-unwritable") throw error;
        await part.clear();
        failures.push({ url, error });
      }
    }
  } finally {
    await part.release().catch(() => undefined);
  }
  throw new IsthmusError({
    code: "data/download-failed",
    message: `Could not download ${dataset}/${name}:\n${failures.map(({ url, error }) => `  ${url}: ${reasonOf(error)}`).join("\n")}`,
    hint: `Check the network and try again: what has arrived is kept. Or get the file elsewhere, put it at DIR/${dataset}/${name} and give --data-dir DIR.`,
    cause: new AggregateError(failures.map(({ error }) => error)),
  });
}

/**
 * Data files on this machine. With a data directory: `<dataDir>/<folder>/<name>` or `<dataDir>/<name>`, for each accepted
 * name. Without: the cache `<cacheDir>/<folder>/<name>`, else a download into it, which resumes where an earlier one
 * stopped and tries every address in turn. A file enters the cache whole, in one step, and only once it has been decoded, so
 * several processes may share a cache. A damaged cached file is removed with a process warning and downloaded again.
 *
 * Errors: `data/not-found`, `data/unreadable`, `data/download-failed`, `data/cache-unwritable`, `run/aborted`, and what
 * `decode` throws for a file of the data directory.
 *
 * @example
 * const files = nodeDataFiles({ cacheDir: "/home/me/.cache/isthmus" });
 */
export function nodeDataFiles(options: NodeDataFilesOptions): DataFiles {
  const dataDir = options.dataDir === undefined ? undefined : resolve(options.dataDir);
  const fetch = options.fetch ?? globalThis.fetch;
  return {
    async read(request, readOptions = {}) {
      throwIfAborted(readOptions.signal);
      if (dataDir !== undefined) return fromDataDir(dataDir, request, readOptions);
      const folder = resolve(options.cacheDir, request.folder);
      const cached = await fromCache(folder, request, readOptions);
      return cached === undefined ? fromWeb(folder, request, { ...readOptions, fetch }) : cached.value;
    },
  };
}
