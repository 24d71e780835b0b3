import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DataFileRequest } from "../contracts/ports.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import { nodeDataFiles } from "./data-files.js";
import { PartialDownload } from "./data-files-partial.js";

const CONTENT = Uint8Array.from({ length: 1_000_003 }, (_, i) => (i * i * 31 + (i >> 8)) & 0xff);
const HALF = 500_000;
const OTHER = CONTENT.map((byte) => byte ^ 1);

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let root: string;
let cacheDir: string;
let servers: Server[];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "isthmus-data-files-"));
  cacheDir = join(root, "cache");
  servers = [];
});

afterEach(async () => {
  vi.useRealTimers();
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
  await rm(root, { recursive: true });
});

/** A loopback server; the n-th request goes to the n-th handler, and to the last one from then on. */
async function serve(...handlers: readonly Handler[]): Promise<{ url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    handlers[Math.min(requests.length, handlers.length) - 1](request, response);
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/file.bin`, requests };
}

/** Serves content with ranges as RFC 9110 says. */
function ranged(content: Uint8Array, etag = '"v1"'): Handler {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? -1);
    response.setHeader("etag", etag);
    if (start < 0 || request.headers["if-range"] !== etag) {
      response.writeHead(200, { "content-length": content.length }).end(content);
    } else if (start >= content.length) {
      response.writeHead(416, { "content-range": `bytes */${content.length}` }).end();
    } else {
      const range = `bytes ${start}-${content.length - 1}/${content.length}`;
      response.writeHead(206, { "content-range": range, "content-length": content.length - start });
      response.end(content.subarray(start));
    }
  };
}

/** Promises the whole content, sends half of it, then does `next`. */
function half(
  next: (response: ServerResponse) => unknown,
  headers: Record<string, string> = { etag: '"v1"' },
): Handler {
  return (_, response) => {
    response.writeHead(200, { "content-length": CONTENT.length, ...headers });
    response.write(CONTENT.subarray(0, HALF));
    next(response);
  };
}

/** Connections to be cut by {@link cutAtHalf}. */
const doomed: ServerResponse[] = [];

/** Sends half of the content, and breaks off once the reader has it. */
const cut = (headers?: Record<string, string>) => half((response) => doomed.push(response), headers);

/** A progress callback that cuts the connections made by {@link cut}. */
function cutAtHalf(done: number): void {
  if (done === HALF) for (const response of doomed.splice(0)) response.destroy();
}

const status =
  (code: number): Handler =>
  (_, response) =>
    void response.writeHead(code).end("no");

function request(...urls: readonly string[]): DataFileRequest<number> {
  return {
    folder: "set",
    names: ["file.bin", "file"],
    urls,
    async decode(bytes, source) {
      if (Buffer.compare(bytes, CONTENT) === 0) return bytes.length;
      throw new IsthmusError({ code: "test/wrong", message: `${source} is not the content.` });
    },
  };
}

async function put(path: string, content: Uint8Array): Promise<string> {
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, content);
  return path;
}

const cached = () => readdir(join(cacheDir, "set"));
const noFetch = () => Promise.reject(new Error("Nothing should be fetched."));
const withCode = (code: string, message: RegExp = /(?:)/) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe("a download", () => {
  it("is decoded, kept whole, and not repeated", async () => {
    const { url, requests } = await serve(ranged(CONTENT));
    expect(await nodeDataFiles({ cacheDir }).read(request(url))).toBe(CONTENT.length);
    expect(await cached()).toEqual(["file.bin"]);
    expect(Buffer.compare(await readFile(join(cacheDir, "set/file.bin")), CONTENT)).toBe(0);
    expect(await nodeDataFiles({ cacheDir, fetch: noFetch }).read(request(url))).toBe(CONTENT.length);
    expect(requests).toHaveLength(1);
  });

  it("reports its bytes from none to all", async () => {
    const { url } = await serve(ranged(CONTENT));
    const calls: [number, number | undefined, string][] = [];
    await nodeDataFiles({ cacheDir }).read(request(url), { progress: (...call) => calls.push(call) });
    const done = calls.map(([bytes]) => bytes);
    expect(done[0]).toBe(0);
    expect(done.at(-1)).toBe(CONTENT.length);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(new Set(calls.map(([, total, unit]) => `${total} ${unit}`))).toEqual(
      new Set([`${CONTENT.length} bytes`]),
    );
  });

  it("goes on by a range after its connection was cut", async () => {
    const { url, requests } = await serve(cut(), ranged(CONTENT));
    const done: number[] = [];
    const progress = (bytes: number) => {
      done.push(bytes);
      cutAtHalf(bytes);
    };
    await nodeDataFiles({ cacheDir }).read(request(url), { progress });
    expect(requests[1].headers).toMatchObject({ range: `bytes=${HALF}-`, "if-range": '"v1"' });
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(await cached()).toEqual(["file.bin"]);
  });

  it("goes on in a later read where an earlier one gave up", async () => {
    const { url, requests } = await serve(cut(), status(503), ranged(CONTENT));
    await expect(nodeDataFiles({ cacheDir }).read(request(url), { progress: cutAtHalf })).rejects.toEqual(
      withCode("data/download-failed", /answered 503/),
    );
    expect(await cached()).toEqual(["file.bin.part"]);
    expect(await nodeDataFiles({ cacheDir }).read(request(url))).toBe(CONTENT.length);
    expect(requests.map(({ headers }) => headers.range)).toEqual([
      undefined,
      `bytes=${HALF}-`,
      `bytes=${HALF}-`,
    ]);
    expect(await cached()).toEqual(["file.bin"]);
  });

  it("goes on where a killed process left off", async () => {
    const { url, requests } = await serve(ranged(CONTENT));
    const part = await PartialDownload.claim(join(cacheDir, "set/file.bin"));
    await part.restart({ url, validator: '"v1"' });
    await part.append(
      (async function* () {
        yield CONTENT.slice(0, HALF);
      })(),
      () => {},
    );
    const [folder] = await cached();
    const { pid } = spawnSync(process.execPath, ["--version"]);
    await rename(
      join(cacheDir, "set", folder),
      join(cacheDir, "set", folder.replace(`-${process.pid}-`, `-${pid}-`)),
    );
    await nodeDataFiles({ cacheDir }).read(request(url));
    expect(requests.map(({ headers }) => headers.range)).toEqual([`bytes=${HALF}-`]);
    expect(await cached()).toEqual(["file.bin"]);
  });

  it("goes on by the date of last modification where there is no strong ETag", async () => {
    const date = "Mon, 05 Jan 2026 10:00:00 GMT";
    const { url, requests } = await serve(
      cut({ etag: 'W/"v1"', "last-modified": date }),
      ranged(CONTENT, date),
    );
    await nodeDataFiles({ cacheDir }).read(request(url), { progress: cutAtHalf });
    expect(requests.map(({ headers }) => headers["if-range"])).toEqual([undefined, date]);
  });

  it.each<[string, Handler[], number]>([
    ["ignores ranges", [cut(), (_, response) => void response.end(CONTENT)], 2],
    ["has another version by now", [cut({ etag: '"v0"' }), ranged(CONTENT)], 2],
    [
      "continues another version in spite of If-Range",
      [
        cut(),
        (_, response) => {
          const range = `bytes ${HALF}-${OTHER.length - 1}/${OTHER.length}`;
          response.writeHead(206, { etag: '"v2"', "content-range": range }).end(OTHER.subarray(HALF));
        },
        ranged(CONTENT),
      ],
      3,
    ],
    [
      "continues elsewhere than asked",
      [
        cut(),
        (_, response) => {
          const range = `bytes 0-${CONTENT.length - 1}/${CONTENT.length}`;
          response.writeHead(206, { etag: '"v1"', "content-range": range }).end(CONTENT);
        },
        ranged(CONTENT),
      ],
      3,
    ],
    ["finds the range beyond the end", [cut(), status(416), ranged(CONTENT)], 3],
    ["gives nothing to recognize the version by", [cut({}), ranged(CONTENT)], 2],
  ])("starts anew where the server %s", async (_, handlers, count) => {
    const { url, requests } = await serve(...handlers);
    expect(await nodeDataFiles({ cacheDir }).read(request(url), { progress: cutAtHalf })).toBe(
      CONTENT.length,
    );
    expect(requests).toHaveLength(count);
  });

  it("comes out right from a server that compresses it unasked", async () => {
    const { url, requests } = await serve((_, response) => {
      const body = gzipSync(CONTENT);
      response.writeHead(200, { "content-encoding": "gzip", "content-length": body.length }).end(body);
    });
    expect(await nodeDataFiles({ cacheDir }).read(request(url))).toBe(CONTENT.length);
    expect(requests[0].headers["accept-encoding"]).toBe("identity");
  });

  it("takes up a connection that has been silent for a minute", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { url, requests } = await serve(
      half(() => {}),
      ranged(CONTENT),
    );
    const reading = nodeDataFiles({ cacheDir }).read(request(url), {
      progress: (done) => {
        if (done === HALF && requests.length === 1) setImmediate(() => vi.advanceTimersByTime(60_000));
      },
    });
    expect(await reading).toBe(CONTENT.length);
    expect(requests.map(({ headers }) => headers.range)).toEqual([undefined, `bytes=${HALF}-`]);
  });

  it("leaves an address that has not answered for a minute", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const silent = await serve(() => setImmediate(() => vi.advanceTimersByTime(60_000)));
    const reading = nodeDataFiles({ cacheDir }).read(request(silent.url));
    await expect(reading).rejects.toEqual(withCode("data/download-failed", /sent nothing for 60 seconds/));
  });

  it("stops when aborted, and what has arrived is used by the next read", async () => {
    const { url, requests } = await serve(
      half(() => {}),
      ranged(CONTENT),
    );
    const controller = new AbortController();
    const reading = nodeDataFiles({ cacheDir }).read(request(url), {
      signal: controller.signal,
      progress: (done) => done === HALF && controller.abort(),
    });
    await expect(reading).rejects.toEqual(withCode("run/aborted"));
    await nodeDataFiles({ cacheDir }).read(request(url));
    expect(requests[1].headers.range).toBe(`bytes=${HALF}-`);
  });

  it("does not begin when aborted before", async () => {
    const files = nodeDataFiles({ cacheDir, fetch: noFetch });
    await expect(files.read(request("http://127.0.0.1/"), { signal: AbortSignal.abort() })).rejects.toEqual(
      withCode("run/aborted"),
    );
  });

  it("says so where the cache cannot be written", async () => {
    const { url } = await serve(ranged(CONTENT));
    const files = nodeDataFiles({ cacheDir: await put(join(root, "a-file"), CONTENT) });
    await expect(files.read(request(url))).rejects.toEqual(withCode("data/cache-unwritable", /a-file/));
  });
});

describe("mirrors", () => {
  it("are asked in order until one has the file", async () => {
    const missing = await serve(status(404));
    const good = await serve(ranged(CONTENT));
    const unused = await serve(status(500));
    const files = nodeDataFiles({ cacheDir });
    expect(await files.read(request("http://127.0.0.1:1/", missing.url, good.url, unused.url))).toBe(
      CONTENT.length,
    );
    expect([missing, good, unused].map(({ requests }) => requests.length)).toEqual([1, 1, 0]);
  });

  it("replace a file that turned out wrong, which never enters the cache", async () => {
    const wrong = await serve(ranged(OTHER));
    const good = await serve((incoming, response) => {
      expect(incoming.headers.range).toBeUndefined();
      ranged(CONTENT)(incoming, response);
    });
    expect(await nodeDataFiles({ cacheDir }).read(request(wrong.url, good.url))).toBe(CONTENT.length);
    expect(Buffer.compare(await readFile(join(cacheDir, "set/file.bin")), CONTENT)).toBe(0);
  });

  it("do not continue each other's bytes", async () => {
    const first = await serve(cut(), status(503));
    const second = await serve(ranged(CONTENT));
    await nodeDataFiles({ cacheDir }).read(request(first.url, second.url), { progress: cutAtHalf });
    expect(second.requests.map(({ headers }) => headers.range)).toEqual([undefined]);
  });

  it("are all named, with what they did, where none helped", async () => {
    const missing = await serve(status(404));
    const wrong = await serve(ranged(OTHER));
    const offline = "http://127.0.0.1:1/file.bin";
    const error = await nodeDataFiles({ cacheDir })
      .read(request(missing.url, wrong.url, offline))
      .catch((reason: unknown) => reason as IsthmusError);
    expect(error).toEqual(withCode("data/download-failed", /set\/file\.bin/));
    const { message, hint } = error as IsthmusError;
    expect(message).toContain(`${missing.url}: answered 404 Not Found`);
    expect(message).toContain(`${wrong.url}: ${wrong.url} is not the content.`);
    expect(message).toContain(`${offline}: `);
    expect(hint).toMatch(/DIR\/set\/file\.bin and give --data-dir DIR/);
    expect(await cached()).toEqual([]);
  });

  it("that refuse the connection are named with the system's reason", async () => {
    const { url } = await serve(status(404));
    const [server] = servers.splice(0);
    await new Promise((done) => server.close(done));
    await expect(nodeDataFiles({ cacheDir }).read(request(url))).rejects.toEqual(
      withCode("data/download-failed", /fetch failed \(ECONNREFUSED\)/),
    );
  });
});

describe("the cache", () => {
  it("serves any accepted name", async () => {
    await put(join(cacheDir, "set/file"), CONTENT);
    expect(await nodeDataFiles({ cacheDir, fetch: noFetch }).read(request())).toBe(CONTENT.length);
  });

  it("drops a damaged file, says so, and gets it again", async () => {
    const path = await put(join(cacheDir, "set/file.bin"), OTHER);
    const { url, requests } = await serve(ranged(CONTENT));
    const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    expect(await nodeDataFiles({ cacheDir }).read(request(url))).toBe(CONTENT.length);
    expect(warnings).toHaveBeenCalledExactlyOnceWith(
      expect.stringContaining(`${path} is not the content.`),
      expect.objectContaining({ code: "data/cache-damaged" }),
    );
    expect(requests).toHaveLength(1);
    expect(Buffer.compare(await readFile(path), CONTENT)).toBe(0);

    await writeFile(path, OTHER);
    const wrong = await serve(ranged(OTHER));
    await expect(nodeDataFiles({ cacheDir }).read(request(wrong.url))).rejects.toEqual(
      withCode("data/download-failed"),
    );
    expect(wrong.requests).toHaveLength(1);
    expect(await cached()).toEqual([]);
    warnings.mockRestore();
  });

  it("stays whole when several download the same file at once", async () => {
    const waiting: ServerResponse[] = [];
    const { url, requests } = await serve((_, response) => {
      response.writeHead(200, { etag: '"v1"', "content-length": CONTENT.length });
      response.write(CONTENT.subarray(0, HALF));
      if (waiting.push(response) === 4) for (const each of waiting) each.end(CONTENT.subarray(HALF));
    });
    const reads = Array.from({ length: 4 }, () => nodeDataFiles({ cacheDir }).read(request(url)));
    expect(await Promise.all(reads)).toEqual(Array(4).fill(CONTENT.length));
    expect(requests).toHaveLength(4);
    expect(await cached()).toEqual(["file.bin"]);
    expect(Buffer.compare(await readFile(join(cacheDir, "set/file.bin")), CONTENT)).toBe(0);
  });

  it("keeps what one of several got when another gives up", async () => {
    const { url } = await serve(cut(), ranged(CONTENT), ranged(CONTENT));
    const results = await Promise.allSettled(
      Array.from({ length: 2 }, () =>
        nodeDataFiles({ cacheDir }).read(request(url), { progress: cutAtHalf }),
      ),
    );
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "fulfilled"]);
    expect(await cached()).toEqual(["file.bin"]);
  });
});

describe("a data directory", () => {
  const dataDir = () => join(root, "data");
  const files = () => nodeDataFiles({ dataDir: dataDir(), cacheDir, fetch: noFetch });

  it.each(["set/file.bin", "file.bin", "set/file", "file"])("may hold the file as %s", async (path) => {
    await put(join(dataDir(), path), CONTENT);
    expect(await files().read(request())).toBe(CONTENT.length);
  });

  it("is searched by preferred name first, and in the folder of the set first", async () => {
    const paths = ["set/file.bin", "file.bin", "set/file", "file"].map((path) => join(dataDir(), path));
    for (const path of paths) await put(path, CONTENT);
    const decode = async (_: Uint8Array, source: string) => source;
    for (const path of paths) {
      expect(await files().read({ ...request(), decode })).toBe(path);
      await rm(path);
    }
  });

  it("that lacks the file is an error with the paths tried, not a download", async () => {
    await put(join(cacheDir, "set/file.bin"), CONTENT);
    const error = await files()
      .read(request("http://127.0.0.1:1/"))
      .catch((reason: unknown) => reason as IsthmusError);
    expect(error).toEqual(withCode("data/not-found"));
    for (const path of ["set/file.bin", "file.bin", "set/file", "file"]) {
      expect((error as IsthmusError).message).toContain(`  ${join(dataDir(), path)}`);
    }
    expect((error as IsthmusError).hint).toMatch(/leave out --data-dir to download/);
  });

  it("with a wrong file gives the decoder's own error and leaves the file", async () => {
    const path = await put(join(dataDir(), "file.bin"), OTHER);
    await expect(files().read(request())).rejects.toEqual(withCode("test/wrong"));
    expect(Buffer.compare(await readFile(path), OTHER)).toBe(0);
  });

  it("with a folder in the file's place is an error that names it", async () => {
    await mkdir(join(dataDir(), "file.bin"), { recursive: true });
    await expect(files().read(request())).rejects.toEqual(withCode("data/unreadable", /file\.bin/));
  });
});
