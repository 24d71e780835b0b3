import { setTimeout as sleep } from "node:timers/promises";
import { JournalQueue } from "./journal-queue.js";
import { describeFailure } from "./refusal.js";
import type { ServerTarget } from "./server-target.js";

/** What became of a journal. */
export interface JournalOutcome {
  readonly journal: string;
  /** Events sent now, without those refused. */
  readonly sent: number;
  /** Things the server refused for good; they are kept in `rejectedFile(journal)`. */
  readonly refused: number;
  /** Events that the server still lacks. */
  readonly pending: number;
  /** Why some are pending. */
  readonly reason?: string;
  /** True where another process sends the journal to this server; then it is left to that one. */
  readonly busy?: boolean;
}

/** What a synchronization is about and who follows it. */
export interface SyncOptions {
  readonly journals: readonly string[];
  readonly target: ServerTarget;
  readonly signal: AbortSignal;
  /** Waits before further attempts when the server fails, in milliseconds. */
  readonly retryAfter: readonly number[];
  /** Before a journal is sent. */
  readonly onStart?: (journal: string, events: number) => void;
  /** After each bunch of events. */
  readonly onSent?: (events: number) => void;
  /** After a journal, in order. */
  readonly onOutcome?: (outcome: JournalOutcome) => void;
}

/** Addresses of the experiments that were sent to, and what became of each journal. */
export interface SyncReport {
  readonly outcomes: readonly JournalOutcome[];
  readonly links: readonly string[];
}

/**
 * Sends to a server what it lacks of some journals, each exactly once, one after another. Once the server cannot be reached any
 * more, the journals that are left are not tried.
 */
export async function syncJournals(options: SyncOptions): Promise<SyncReport> {
  const outcomes: JournalOutcome[] = [];
  const links = new Set<string>();
  let down: string | undefined;
  for (const journal of options.journals) {
    const queue = new JournalQueue(journal, options.target);
    const outcome = await syncJournal(journal, queue, down, options);
    down ??= outcome.reason;
    for (const link of queue.links()) links.add(link);
    outcomes.push(outcome);
    options.onOutcome?.(outcome);
  }
  return { outcomes, links: [...links] };
}

async function syncJournal(
  journal: string,
  queue: JournalQueue,
  down: string | undefined,
  options: SyncOptions,
): Promise<JournalOutcome> {
  const counts = { sent: 0, refused: 0 };
  const pending = queue.pending();
  if (down !== undefined) return { journal, ...counts, pending, ...(pending > 0 && { reason: down }) };
  if (await queue.isCurrent(options.signal)) return { journal, ...counts, pending };
  if (!(await queue.acquire())) return { journal, ...counts, pending: queue.pending(), busy: true };
  try {
    await deliverPatiently(journal, queue, counts, options);
    return { journal, ...counts, pending: queue.pending() };
  } catch (error) {
    return { journal, ...counts, pending: queue.pending(), reason: describeFailure(error) };
  } finally {
    await queue.release();
  }
}

/** Tries again after each of the waits given; having sent something earns all of them anew. */
async function deliverPatiently(
  journal: string,
  queue: JournalQueue,
  counts: { sent: number; refused: number },
  { signal, retryAfter, onStart, onSent }: SyncOptions,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await queue.deliver(signal, {
        starting: (events) => onStart?.(journal, events),
        sent: (events) => {
          counts.sent += events;
          attempt = 0;
          onSent?.(events);
        },
        refused: (refused) => {
          counts.refused += refused.length;
        },
      });
    } catch (error) {
      const wait = retryAfter[attempt];
      if (wait === undefined || signal.aborted) throw error;
      await sleep(wait, undefined, { signal }).catch(() => undefined);
    }
  }
}
