import type { SingleBar } from "cli-progress";
import type { Output } from "../context.js";
import { bars } from "../progress/progress-bars.js";

/** How far the sending of a journal is. */
export interface SyncBar {
  start(journal: string, events: number): void;
  add(events: number): void;
  end(): void;
}

/** A bar on a terminal, nothing elsewhere. */
export function syncBar(output: Output): SyncBar {
  if (!output.isTerminal) return { start: () => {}, add: () => {}, end: () => {} };
  let multi: ReturnType<typeof bars> | undefined;
  let bar: SingleBar | undefined;
  const end = () => {
    multi?.stop();
    multi = undefined;
    bar = undefined;
  };
  return {
    start: (journal, events) => {
      end();
      multi = bars();
      bar = multi.create(events, 0, { label: journal, note: `of ${events} events` });
    },
    add: (events) => bar?.increment(events),
    end,
  };
}
