import { existsSync } from "node:fs";
import { readJournal } from "@isthmus/core/node";
import { chunks } from "./chunks.js";
import { type Cursor, cursorFile, freshCursor, readCursor, thisProcess, writeCursor } from "./cursor.js";
import { deliverChunk } from "./deliver-chunk.js";
import { comparisonLinks, isSameStore, restoreExperiments } from "./experiments.js";
import { keepRefused, type Refused } from "./rejected-file.js";
import { type HeldLock, takeLock } from "./sender-lock.js";
import type { ServerTarget } from "./server-target.js";

/** What happens while a journal is sent. */
export interface QueueObserver {
  /** Before anything is sent: how many events there are. */
  starting?(events: number): void;
  /** Events taken by the server or refused for good, as of now. */
  sent?(events: number): void;
  /** What the server refused for good; it has been kept in the file beside the journal. */
  refused?(refused: readonly Refused[]): void;
}

/**
 * A journal as the queue of a server. Whoever sends holds a lock, so that there is one sender per journal and server, and moves the
 * cursor on only after the server has taken what lies before it.
 */
export class JournalQueue {
  readonly #journal: string;
  readonly #target: ServerTarget;
  readonly #file: string;
  #cursor: Cursor = freshCursor();
  #lock: HeldLock | undefined;
  #verified = false;

  constructor(journal: string, target: ServerTarget) {
    this.#journal = journal;
    this.#target = target;
    this.#file = cursorFile(journal, target.key);
  }

  /** Number of events that the server has not yet. */
  pending(): number {
    if (!existsSync(this.#journal)) return 0;
    const { position } = this.#lock === undefined ? readCursor(this.#file) : this.#cursor;
    let events = 0;
    for (const _ of readJournal(this.#journal, position)) events++;
    return events;
  }

  /** Whether nothing is left to be sent to the store that is served now; where it cannot be asked, the cursor is believed. */
  async isCurrent(signal: AbortSignal): Promise<boolean> {
    if (this.pending() > 0) return false;
    return isSameStore(readCursor(this.#file), this.#target, signal).catch(() => true);
  }

  /** Addresses of the comparison of each experiment that is on the server. */
  links(): readonly string[] {
    return comparisonLinks(this.#target, this.#lock === undefined ? readCursor(this.#file) : this.#cursor);
  }

  /** Becomes the sender; false where another process is. The journal must exist. */
  async acquire(): Promise<boolean> {
    if (this.#lock !== undefined && !this.#lock.lost) return true;
    this.#lock = await takeLock(this.#file, () =>
      existsSync(this.#file) ? readCursor(this.#file).owner : undefined,
    );
    if (this.#lock === undefined) return false;
    this.#cursor = { ...readCursor(this.#file), owner: thisProcess() };
    this.#verified = false;
    await writeCursor(this.#file, this.#cursor);
    return true;
  }

  /**
   * Sends all that the journal holds by now. Call it after `acquire`, and again after a failure.
   *
   * @throws whatever kept something from reaching the server; the rest stays in the queue
   */
  async deliver(signal: AbortSignal, observer: QueueObserver = {}): Promise<void> {
    try {
      if (!this.#verified) await this.#verify(signal, observer);
      for (const chunk of chunks(readJournal(this.#journal, this.#cursor.position))) {
        if (this.#lock?.lost) return;
        const destination = { target: this.#target, cursor: this.#cursor, signal };
        const refused = await deliverChunk(chunk, destination);
        keepRefused(this.#journal, refused);
        this.#cursor.position = chunk.end;
        await writeCursor(this.#file, this.#cursor);
        observer.sent?.(chunk.events);
        if (refused.length > 0) observer.refused?.(refused);
      }
    } catch (error) {
      this.#verified = false;
      this.#target.seen.clear();
      throw error;
    }
  }

  /** Begins anew where another store is served at the address by now. */
  async #verify(signal: AbortSignal, observer: QueueObserver): Promise<void> {
    if (!(await isSameStore(this.#cursor, this.#target, signal))) this.#cursor = freshCursor();
    const events = this.pending();
    if (events > 0) {
      observer.starting?.(events);
      await restoreExperiments(this.#cursor, this.#target, signal);
    }
    this.#verified = true;
  }

  /** Lets others send. */
  async release(): Promise<void> {
    await this.#lock?.release();
    this.#lock = undefined;
  }
}
