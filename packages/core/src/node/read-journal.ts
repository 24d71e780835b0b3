import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseExact } from "../steps/exact-json.js";
import { errorCode } from "./file-errors.js";
import type { JournalEntry, JournalEvent } from "./journal-event.js";

const NEWLINE = "\n".charCodeAt(0);
const TYPES: ReadonlySet<unknown> = new Set<JournalEvent["type"]>([
  "start",
  "metrics",
  "tags",
  "artifact",
  "end",
]);

function readFrom(file: string, position: number): Buffer {
  const descriptor = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(descriptor).size - position));
    const length = readSync(descriptor, bytes, 0, bytes.length, position);
    return bytes.subarray(0, length);
  } finally {
    closeSync(descriptor);
  }
}

/** The event of a line; undefined for torn lines and events of a later version. */
function parseEvent(line: string): JournalEvent | undefined {
  try {
    const value = parseExact(line) as { type?: unknown } | null;
    return TYPES.has(value?.type) ? (value as JournalEvent) : undefined;
  } catch {
    return undefined;
  }
}

/** Journals of a project's folder, oldest first, as paths; files that others keep beside them have a dot in their names. */
export function journalFiles(root: string): readonly string[] {
  const folder = join(root, "journal");
  try {
    const names = readdirSync(folder).filter((name) => /^[^.]+\.jsonl$/.test(name));
    return names.sort().map((name) => join(folder, name));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  }
}

/**
 * Events of a journal from a byte position on: 0, or the `end` of an entry read before. A line that a crash tore is skipped;
 * one that has no end yet is left for the next reading. Paths of artifacts come out absolute.
 *
 * @example
 * for (const { event, end } of readJournal(file, cursor)) {
 *   await send(event);
 *   cursor = end;
 * }
 */
export function* readJournal(file: string, from = 0): Generator<JournalEntry> {
  const root = dirname(dirname(resolve(file)));
  const bytes = readFrom(file, from);
  for (let start = 0, end: number; ; start = end) {
    end = bytes.indexOf(NEWLINE, start) + 1;
    if (end === 0) return;
    const event = parseEvent(bytes.toString("utf8", start, end - 1));
    if (event === undefined) continue;
    const absolute = event.type === "artifact" ? { ...event, file: resolve(root, event.file) } : event;
    yield { event: absolute, start: from + start, end: from + end };
  }
}
