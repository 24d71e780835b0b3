import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Env } from "@isthmus/mlflow-js-client";
import { JournalQueue } from "./journal-queue.js";
import { describeFailure } from "./refusal.js";
import { rejectedFile } from "./rejected-file.js";
import { serverTarget } from "./server-target.js";

/** What a sender needs. */
export interface SenderOptions {
  /** Journal to follow; it may appear later. */
  readonly journalFile: string;
  readonly trackingUri: string;
  /** Credentials and the like, as MLflow's own variables. */
  readonly env: Env;
  /** Told once about each kind of trouble; none of it touches the experiment. */
  readonly warn: (message: string) => void;
}

/** How far a sender came. */
export interface SenderReport {
  /** Events of which the server has taken from this sender what it ever will. */
  readonly sent: number;
  /** Parts of them that it refused for good; they are kept in `rejectedFile(journalFile)`. */
  readonly refused: number;
  /** Events that are left in the journal; `isthmus sync` sends them. */
  readonly pending: number;
  /** Addresses of the comparison of each experiment that the journal is about. */
  readonly links: readonly string[];
}

/** A sender at work. */
export interface Sender {
  /** Sends what is left, for at most `deadlineMs` milliseconds, and stops. */
  close(deadlineMs: number): Promise<SenderReport>;
}

/** Milliseconds between two looks at the journal, and the longest wait after failures. */
export interface SenderPace {
  readonly poll: number;
  readonly longest: number;
}

/**
 * Sends a journal to a tracking server while it is being written, in the background of this process: one request at a time, tried
 * again after ever longer pauses, never a word but `warn`. It does not keep the process alive.
 *
 * @example
 * const sender = startSender({ journalFile: journal.file, trackingUri, env: process.env, warn });
 * // … the experiment …
 * const { pending, links } = await sender.close(10_000);
 */
export function startSender(
  options: SenderOptions,
  pace: SenderPace = { poll: 1000, longest: 30_000 },
): Sender {
  try {
    const target = serverTarget(options.trackingUri, options.env);
    const queue = new JournalQueue(options.journalFile, target);
    return new BackgroundSender(queue, target.client.trackingUri, options, pace);
  } catch (error) {
    options.warn(`Runs are not sent to MLflow: ${describeFailure(error)}`);
    return { close: async () => ({ sent: 0, refused: 0, pending: 0, links: [] }) };
  }
}

class BackgroundSender implements Sender {
  readonly #queue: JournalQueue;
  readonly #server: string;
  readonly #options: SenderOptions;
  readonly #pace: SenderPace;
  readonly #stop = new AbortController();
  readonly #told = new Set<string>();
  readonly #done: Promise<void>;
  #wake = new AbortController();
  #closing = false;
  #failures = 0;
  #sent = 0;
  #refused = 0;

  constructor(queue: JournalQueue, server: string, options: SenderOptions, pace: SenderPace) {
    this.#queue = queue;
    this.#server = server;
    this.#options = options;
    this.#pace = pace;
    this.#done = this.#run();
  }

  async close(deadlineMs: number): Promise<SenderReport> {
    this.#closing = true;
    this.#wake.abort();
    const deadline = setTimeout(() => this.#stop.abort(), deadlineMs);
    await this.#done;
    clearTimeout(deadline);
    const pending = this.#pending();
    const report = { sent: this.#sent, refused: this.#refused, pending, links: this.#queue.links() };
    await this.#queue.release();
    return report;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const caughtUp = await this.#step();
      if (this.#closing && caughtUp) return;
      await this.#pause();
    }
  }

  /** One look at the journal; true when nothing is left to be sent. */
  async #step(): Promise<boolean> {
    if (!existsSync(this.#options.journalFile)) return true;
    try {
      if (!(await this.#queue.acquire())) {
        this.#tell("busy", "Another process sends this journal to MLflow already; it is left to that one.");
        return false;
      }
      await this.#queue.deliver(this.#stop.signal, {
        sent: (events) => {
          this.#sent += events;
        },
        refused: (refused) => {
          this.#refused += refused.length;
          const what = `MLflow refused something for good: ${refused[0]?.message}`;
          this.#tell("refused", `${what} See ${rejectedFile(this.#options.journalFile)}`);
        },
      });
      this.#failures = 0;
      this.#told.delete("failed");
      return true;
    } catch (error) {
      this.#failures++;
      if (!this.#stop.signal.aborted) {
        const what = `The MLflow server at ${this.#server} takes no runs: ${describeFailure(error)}`;
        this.#tell("failed", `${what} They are kept in the journal and sent as soon as it does.`);
      }
      return false;
    }
  }

  #pending(): number {
    try {
      return this.#queue.pending();
    } catch {
      return 0;
    }
  }

  #tell(kind: string, message: string): void {
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    this.#options.warn(message);
  }

  /** Waits until the next look; `close` ends the first wait after it at once, and later ones keep the process alive. */
  async #pause(): Promise<void> {
    const { poll, longest } = this.#pace;
    const ms = Math.min(poll * 2 ** Math.max(0, this.#failures - 1), this.#closing ? poll : longest);
    const signal = AbortSignal.any([this.#wake.signal, this.#stop.signal]);
    await sleep(ms, undefined, { signal, ref: this.#closing }).catch(() => undefined);
    if (this.#closing) this.#wake = new AbortController();
  }
}
