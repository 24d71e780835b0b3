import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import type { Clock, Ids } from "../contracts/ports.js";
import type { MetricPoint, RunStart, RunStatus, Tracker } from "../contracts/tracker.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import { stringifyExact } from "../steps/exact-json.js";
import type { JournalEvent } from "./journal-event.js";
import { makeFolder } from "./make-folder.js";

const NEWLINE = "\n".charCodeAt(0);

/** True where a file ends within a line. */
function endsTorn(descriptor: number): boolean {
  const { size } = fstatSync(descriptor);
  const last = Buffer.alloc(1);
  return size > 0 && readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] !== NEWLINE;
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}

/**
 * The runs of one process on disk: `<root>/journal/<time>-<uid>.jsonl`, a line per event, handed to the system at once, so
 * that it survives the process being killed; `flush` makes it survive a loss of power. The file appears with the first event.
 * A write that fails never throws into the experiment; the next `flush` does.
 *
 * @throws `journal/write-failed` from `flush`
 */
export class Journal implements Tracker {
  /** Path of the file. */
  readonly file: string;
  readonly #root: string;
  #descriptor: number | undefined;
  #torn = false;
  #failure: unknown;

  /** `root`: the project's folder, usually `.isthmus`. */
  constructor(root: string, { clock, ids }: { readonly clock: Clock; readonly ids: Ids }) {
    this.#root = resolve(root);
    const time = new Date(clock.now()).toISOString().replace(/[:.]/g, "-");
    this.file = join(this.#root, "journal", `${time}-${ids.next()}.jsonl`);
  }

  startRun(run: RunStart): void {
    this.#append({ type: "start", run });
  }

  logMetrics(uid: string, points: readonly MetricPoint[]): void {
    this.#append({ type: "metrics", uid, points });
  }

  logTags(uid: string, tags: Readonly<Record<string, string>>): void {
    this.#append({ type: "tags", uid, tags });
  }

  logArtifact(uid: string, file: string, path: string): void {
    const inside = relative(this.#root, resolve(file));
    const outside = inside.startsWith("..") || isAbsolute(inside);
    this.#append({
      type: "artifact",
      uid,
      file: outside ? resolve(file) : inside.split(sep).join("/"),
      path,
    });
  }

  endRun(uid: string, status: RunStatus, endTime: number): void {
    this.#append({ type: "end", uid, status, endTime });
  }

  async flush(): Promise<void> {
    try {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#descriptor !== undefined) fsyncSync(this.#descriptor);
    } catch (cause) {
      this.#failure = undefined;
      throw new IsthmusError({
        code: "journal/write-failed",
        message: `The journal ${this.file} could not be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
        hint: "Free some disk space or correct the folder's permissions, then start the same command again.",
        cause,
      });
    }
  }

  /** Closes the file; a later event opens it again. */
  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open(): number {
    if (this.#descriptor === undefined) {
      makeFolder(dirname(this.file));
      this.#descriptor = openSync(this.file, "a+");
      this.#torn = endsTorn(this.#descriptor);
    }
    return this.#descriptor;
  }

  #append(event: JournalEvent): void {
    try {
      const descriptor = this.#open();
      const line = Buffer.from(`${this.#torn ? "\n" : ""}${stringifyExact(event)}\n`);
      this.#torn = true;
      writeAll(descriptor, line);
      this.#torn = false;
    } catch (error) {
      this.#failure ??= error;
    }
  }
}
