import { appendFileSync } from "node:fs";
import { stringifyExact } from "@isthmus/core";
import type { JournalEvent } from "@isthmus/core/node";
import type { LogPart } from "./chunks.js";

/** Something that the server refused for good. */
export interface Refused {
  /** What the server said. */
  readonly message: string;
  readonly uid: string;
  /** An event, or the part of one that was refused. */
  readonly what: JournalEvent | LogPart;
}

const SUFFIX = ".rejected.jsonl";

/** Path of the file that collects what was refused from a journal, beside it. */
export function rejectedFile(journal: string): string {
  return journal.replace(/\.jsonl$/, "") + SUFFIX;
}

/** Appends to {@link rejectedFile}, a line each. */
export function keepRefused(journal: string, refused: readonly Refused[]): void {
  if (refused.length === 0) return;
  appendFileSync(rejectedFile(journal), refused.map((each) => `${stringifyExact(each)}\n`).join(""));
}
