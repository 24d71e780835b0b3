import type { MetricPoint, RunStart, RunStatus } from "@isthmus/core";
import type { JournalEntry, JournalEvent } from "@isthmus/core/node";

/** The smallest things that a server can take or refuse. */
export type LogPart =
  | { readonly type: "metric"; readonly point: MetricPoint }
  | { readonly type: "param" | "tag"; readonly key: string; readonly value: string };

/** What a stretch of a journal says about one run. */
export interface RunWork {
  readonly uid: string;
  start?: RunStart;
  readonly parts: LogPart[];
  readonly artifacts: { readonly file: string; readonly path: string }[];
  end?: { readonly status: RunStatus; readonly endTime: number };
}

/** A stretch of a journal, run by run in order of appearance, so that parents come before their children. */
export interface Chunk {
  readonly work: readonly RunWork[];
  /** Number of events. */
  readonly events: number;
  /** Where the journal is to be read on from. */
  readonly end: number;
}

const MAX_PARTS = 1000;
const MAX_EVENTS = 200;

/** Cuts a journal into chunks, each small enough for a few requests per run. */
export function* chunks(entries: Iterable<JournalEntry>): Generator<Chunk> {
  let work = new Map<string, RunWork>();
  let [events, parts, end] = [0, 0, 0];
  for (const entry of entries) {
    parts += add(work, entry.event);
    events++;
    end = entry.end;
    if (events < MAX_EVENTS && parts < MAX_PARTS) continue;
    yield { work: [...work.values()], events, end };
    work = new Map();
    [events, parts] = [0, 0];
  }
  if (events > 0) yield { work: [...work.values()], events, end };
}

/** Adds an event to the work on its run; answers the number of parts it has. */
function add(all: Map<string, RunWork>, event: JournalEvent): number {
  const uid = event.type === "start" ? event.run.uid : event.uid;
  const work = all.get(uid) ?? { uid, parts: [], artifacts: [] };
  all.set(uid, work);
  const before = work.parts.length;
  switch (event.type) {
    case "start":
      work.start = event.run;
      work.parts.push(...textParts("param", event.run.params), ...textParts("tag", event.run.tags));
      break;
    case "metrics":
      for (const point of event.points) work.parts.push({ type: "metric", point });
      break;
    case "tags":
      work.parts.push(...textParts("tag", event.tags));
      break;
    case "artifact":
      work.artifacts.push({ file: event.file, path: event.path });
      break;
    case "end":
      work.end = { status: event.status, endTime: event.endTime };
  }
  return work.parts.length - before;
}

function textParts(type: "param" | "tag", values: Readonly<Record<string, string>>): LogPart[] {
  return Object.entries(values).map(([key, value]) => ({ type, key, value }));
}
