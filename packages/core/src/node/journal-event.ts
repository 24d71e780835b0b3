import type { MetricPoint, RunStart, RunStatus } from "../contracts/tracker.js";

/** One line of a journal: a call of a `Tracker`. */
export type JournalEvent =
  | { readonly type: "start"; readonly run: RunStart }
  | { readonly type: "metrics"; readonly uid: string; readonly points: readonly MetricPoint[] }
  | { readonly type: "tags"; readonly uid: string; readonly tags: Readonly<Record<string, string>> }
  /** `file` is relative to the folder that holds `journal/` where it lies in there, so that a project can be moved. */
  | { readonly type: "artifact"; readonly uid: string; readonly file: string; readonly path: string }
  | { readonly type: "end"; readonly uid: string; readonly status: RunStatus; readonly endTime: number };

/** An event and the bytes it takes in its file: `end` is where to read on from. */
export interface JournalEntry {
  readonly event: JournalEvent;
  readonly start: number;
  readonly end: number;
}
