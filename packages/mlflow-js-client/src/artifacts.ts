import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { getApi } from "./api.js";
import { checkFolderPath, encodeArtifactPath, proxiedRoot } from "./artifact-path.js";
import { localFileError } from "./connection-error.js";
import { decodeArtifact, pageIn } from "./decode.js";
import { invalidArgument } from "./error.js";
import type { Http, HttpRequest } from "./http.js";
import type { CallOptions } from "./options.js";
import { allPages } from "./paging.js";
import { getRun } from "./runs.js";
import type { ArtifactInfo } from "./types.js";

/** A run's artifacts, stored through the tracking server. Remembers each run's root, which never changes. */
export class Artifacts {
  readonly #http: Http;
  readonly #roots = new Map<string, string>();

  constructor(http: Http) {
    this.#http = http;
  }

  /** Stores bytes or text. */
  async upload(
    runId: string,
    path: string,
    data: Uint8Array | string,
    call: CallOptions = {},
  ): Promise<void> {
    const bytes = typeof data === "string" ? Buffer.from(data, "utf8") : data;
    await this.#put(runId, path, { open: () => bytes, length: bytes.byteLength }, call);
  }

  /** Stores a local file, as a stream. */
  async uploadFile(
    runId: string,
    localFile: string,
    path = basename(localFile),
    call: CallOptions = {},
  ): Promise<void> {
    const file = await orLocalFileError(stat(localFile));
    if (!file.isFile())
      throw invalidArgument(`${localFile} is not a file.`, "Use uploadArtifactDirectory for folders.");
    const { size } = file;
    const open = () => createReadStream(localFile, { start: 0, end: Math.max(size - 1, 0) });
    await this.#put(
      runId,
      path,
      size === 0 ? { open: () => new Uint8Array(), length: 0 } : { open, length: size },
      call,
    );
  }

  /** Stores the files of a local folder and its subfolders; links to folders are left out. Answers their paths. */
  async uploadDirectory(
    runId: string,
    localFolder: string,
    path = "",
    call: CallOptions = {},
  ): Promise<string[]> {
    checkFolderPath(path);
    const entries = await orLocalFileError(readdir(localFolder, { withFileTypes: true }));
    const stored: string[] = [];
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const local = join(localFolder, entry.name);
      const target = path === "" ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) {
        stored.push(...(await this.uploadDirectory(runId, local, target, call)));
      } else if ((await orLocalFileError(stat(local))).isFile()) {
        await this.uploadFile(runId, local, target, call);
        stored.push(target);
      }
    }
    return stored;
  }

  /** Files and folders below `path`; with `recursive`, files only, of all levels. */
  async list(
    runId: string,
    path = "",
    options: CallOptions & { readonly recursive?: boolean } = {},
  ): Promise<ArtifactInfo[]> {
    const { recursive, ...call } = options;
    checkFolderPath(path);
    const found: ArtifactInfo[] = [];
    const pages = allPages(async (token) => {
      const query = { run_id: runId, path: path || undefined, page_token: token };
      return pageIn(await getApi(this.#http, "artifacts/list", query, call), "files", decodeArtifact);
    });
    for await (const entry of pages) {
      if (recursive && entry.isDirectory) found.push(...(await this.list(runId, entry.path, options)));
      else found.push(entry);
    }
    return found;
  }

  /** The bytes of a file. */
  async download(runId: string, path: string, call: CallOptions = {}): Promise<Uint8Array> {
    const request = await this.#request("GET", runId, path, call);
    return this.#http.call(request, async ({ body }) => new Uint8Array(await body.arrayBuffer()), call);
  }

  /** Writes a file to disk as a stream; an unfinished download leaves nothing behind. */
  async downloadTo(runId: string, path: string, localFile: string, call: CallOptions = {}): Promise<void> {
    const request = await this.#request("GET", runId, path, call);
    const partial = `${localFile}.part`;
    await orLocalFileError(mkdir(dirname(localFile), { recursive: true }));
    try {
      await this.#http.call(request, ({ body }) => pipeline(body, createWriteStream(partial)), call);
      await orLocalFileError(rename(partial, localFile));
    } finally {
      await rm(partial, { force: true }).catch(() => undefined);
    }
  }

  async #put(
    runId: string,
    path: string,
    body: NonNullable<HttpRequest["body"]>,
    call: CallOptions,
  ): Promise<void> {
    const request = await this.#request("PUT", runId, path, call);
    await this.#http.call({ ...request, body }, ({ body: answer }) => answer.dump(), call);
  }

  async #request(
    method: "GET" | "PUT",
    runId: string,
    path: string,
    call: CallOptions,
  ): Promise<HttpRequest> {
    const encoded = encodeArtifactPath(path);
    let root = this.#roots.get(runId);
    if (root === undefined) {
      root = proxiedRoot((await getRun(this.#http, runId, call)).artifactUri, this.#http.base);
      this.#roots.set(runId, root);
    }
    return { method, path: `${root}/${encoded}` };
  }
}

async function orLocalFileError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw localFileError(error);
  }
}
