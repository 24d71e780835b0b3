import { mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { IsthmusError } from "../errors/isthmus-error.js";
import { makeFolder } from "./make-folder.js";

/** Where the bytes of a partial download come from: they may only be continued from the same version of the same address. */
export interface Origin {
  readonly url: string;
  /** ETag or date of last modification; null where the server gave none, and the bytes cannot be continued. */
  readonly validator: string | null;
}

/** Runs a step on the cache folder; a failure becomes `data/cache-unwritable`. */
export async function onDisk<Value>(path: string, step: () => Promise<Value>): Promise<Value> {
  try {
    return await step();
  } catch (cause) {
    throw new IsthmusError({
      code: "data/cache-unwritable",
      message: `Cannot write to ${path}: ${(cause as Error).message}.`,
      hint: "Free some space, mend the folder's permissions or choose another cache folder.",
      cause,
    });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Folders left by processes of this machine that died while they downloaded `target`. */
async function abandoned(target: string): Promise<readonly string[]> {
  const prefix = `${basename(target)}.${hostname()}-`;
  const names = await readdir(dirname(target));
  return names
    .filter((name) => name.startsWith(prefix) && !isRunning(Number.parseInt(name.slice(prefix.length), 10)))
    .map((name) => join(dirname(target), name));
}

/**
 * A download under way. Its bytes and their origin lie in `part/` of a folder that only one process owns, so that the two
 * move together by one atomic rename: to `<target>.part` when the owner gives up in good order, and from there (or from
 * the folder of an owner that was killed) to whoever tries next.
 */
export class PartialDownload {
  private constructor(
    private readonly target: string,
    private readonly folder: string,
  ) {}

  /** Takes over what has arrived of `target`, if anything has and nobody is at it. */
  static async claim(target: string): Promise<PartialDownload> {
    return onDisk(dirname(target), async () => {
      makeFolder(dirname(target));
      const folder = await mkdtemp(`${target}.${hostname()}-${process.pid}-`);
      const leftovers = await abandoned(target);
      for (const part of [`${target}.part`, ...leftovers.map((leftover) => join(leftover, "part"))]) {
        const moved = await rename(part, join(folder, "part")).then(
          () => true,
          () => false,
        );
        if (moved) break;
      }
      makeFolder(join(folder, "part"));
      for (const leftover of leftovers) await rm(leftover, { recursive: true, force: true });
      return new PartialDownload(target, folder);
    });
  }

  private get bytesPath(): string {
    return join(this.folder, "part", "bytes");
  }

  private get originPath(): string {
    return join(this.folder, "part", "origin.json");
  }

  /** Number of bytes that have arrived. */
  async size(): Promise<number> {
    return (await stat(this.bytesPath).catch(() => undefined))?.size ?? 0;
  }

  /** Where the bytes come from; undefined where none are or nothing readable says it. */
  async origin(): Promise<Origin | undefined> {
    try {
      return JSON.parse(await readFile(this.originPath, "utf8")) as Origin;
    } catch {
      return undefined;
    }
  }

  /** Drops what has arrived and notes where the next bytes come from. */
  async restart(origin: Origin): Promise<void> {
    await this.clear();
    await onDisk(this.folder, () => writeFile(this.originPath, JSON.stringify(origin)));
  }

  /** Drops what has arrived. */
  async clear(): Promise<void> {
    await onDisk(this.folder, () => rm(this.bytesPath, { force: true }));
  }

  /** Adds chunks as they arrive; a failure of `chunks` itself is passed on as it is. */
  async append(chunks: AsyncIterable<Uint8Array>, onChunk: (bytes: number) => void): Promise<void> {
    const file = await onDisk(this.folder, () => open(this.bytesPath, "a"));
    try {
      for await (const chunk of chunks) {
        await onDisk(this.folder, () => file.writeFile(chunk));
        onChunk(chunk.length);
      }
    } finally {
      await file.close();
    }
  }

  /** All that has arrived. */
  bytes(): Promise<Uint8Array> {
    return onDisk(this.folder, () => readFile(this.bytesPath));
  }

  /** Puts the whole download in its place, in one step; whoever reads there sees the old file or the new one. */
  async finish(): Promise<void> {
    await onDisk(this.folder, () => rename(this.bytesPath, this.target));
  }

  /** Ends the ownership; what has arrived and was not finished is left for the next try, if the disk allows. */
  async release(): Promise<void> {
    const shared = `${this.target}.part`;
    try {
      if ((await this.size()) > 0) {
        await rm(shared, { recursive: true, force: true });
        await rename(join(this.folder, "part"), shared);
      }
    } finally {
      await rm(this.folder, { recursive: true, force: true });
    }
  }
}
