import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { writeAtomically } from "@isthmus/core/node";

/** An experiment on the server. Number and time of creation together tell it from one of another store at the same address. */
export interface KnownExperiment {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly creationTime?: number;
}

/** What became of a run's start: the server's id, or the reason for which there is none. */
export type KnownRun = { readonly id: string } | { readonly refused: string };

/** A process that sends. */
export interface SenderProcess {
  readonly pid: number;
  readonly host: string;
}

/** How much of a journal a server has. */
export interface Cursor {
  /** Who sends, or did so last. */
  owner: SenderProcess;
  /** Byte position in the journal before which everything was taken or refused. */
  position: number;
  /** By name. */
  readonly experiments: Map<string, KnownExperiment>;
  /** By uid. */
  readonly runs: Map<string, KnownRun>;
}

/** This process. */
export function thisProcess(): SenderProcess {
  return { pid: process.pid, host: hostname() };
}

/** The cursor of a journal of which the server has nothing. */
export function freshCursor(): Cursor {
  return { owner: thisProcess(), position: 0, experiments: new Map(), runs: new Map() };
}

/** Path of the cursor of a journal and a server (`serverKey`), beside the journal. */
export function cursorFile(journal: string, key: string): string {
  return `${journal}.${key}.json`;
}

/** Reads a cursor. A missing or damaged one is a fresh one: what is sent twice is stored once. */
export function readCursor(file: string): Cursor {
  try {
    const { owner, position, experiments, runs } = JSON.parse(readFileSync(file, "utf8"));
    if (!Number.isSafeInteger(position)) return freshCursor();
    return {
      owner,
      position,
      experiments: new Map(Object.entries(experiments)),
      runs: new Map(Object.entries(runs)),
    };
  } catch {
    return freshCursor();
  }
}

/** Replaces a cursor's file; a crash leaves the old or the new one. */
export async function writeCursor(file: string, cursor: Cursor): Promise<void> {
  const { owner, position, experiments, runs } = cursor;
  const json = {
    owner,
    position,
    experiments: Object.fromEntries(experiments),
    runs: Object.fromEntries(runs),
  };
  await writeAtomically(file, `${JSON.stringify(json)}\n`);
}
