import type { WireEntry, WireMetric } from "./encode.js";

/** The body of one `log-batch` call, without the run's id. */
export interface WireBatch {
  readonly metrics: readonly WireMetric[];
  readonly params: readonly WireEntry[];
  readonly tags: readonly WireEntry[];
}

/** What the server takes in one call; the size stays well below its documented megabyte. */
export const BATCH_LIMITS = { metrics: 1000, params: 100, tags: 100, total: 1000, bytes: 890_000 } as const;

/**
 * Splits a batch into as few calls as the limits allow, keeping the order within each kind. Parameters and tags come
 * first, so that a run is described before it is filled.
 */
export function splitBatch(batch: WireBatch): WireBatch[] {
  const queues = { params: sized(batch.params), tags: sized(batch.tags), metrics: sized(batch.metrics) };
  const parts: WireBatch[] = [];
  while (queues.params.length + queues.tags.length + queues.metrics.length > 0) {
    const room = { entries: BATCH_LIMITS.total as number, bytes: BATCH_LIMITS.bytes as number };
    parts.push({
      params: take(queues.params, BATCH_LIMITS.params, room),
      tags: take(queues.tags, BATCH_LIMITS.tags, room),
      metrics: take(queues.metrics, BATCH_LIMITS.metrics, room),
    });
  }
  return parts;
}

interface Sized<T> {
  readonly entry: T;
  /** Length of its JSON, in bytes, with the comma. */
  readonly bytes: number;
}

/** Reversed, so that taking from the front is a cheap `pop`. */
function sized<T>(entries: readonly T[]): Sized<T>[] {
  return entries.map((entry) => ({ entry, bytes: Buffer.byteLength(JSON.stringify(entry)) + 1 })).reverse();
}

function take<T>(queue: Sized<T>[], limit: number, room: { entries: number; bytes: number }): T[] {
  const taken: T[] = [];
  for (let next = queue.at(-1); next; next = queue.at(-1)) {
    if (taken.length === limit || room.entries === 0 || next.bytes > room.bytes) break;
    queue.pop();
    taken.push(next.entry);
    room.entries--;
    room.bytes -= next.bytes;
  }
  return taken;
}
