import type { JournalEntry, JournalEvent } from "@isthmus/core/node";
import fc from "fast-check";
import { expect, it } from "vitest";
import { chunks } from "./chunks.js";
import { runStart } from "./testing/sample-journal.js";

/** Entries as a journal gives them, of 10 bytes each. */
function entriesOf(events: readonly JournalEvent[]): JournalEntry[] {
  return events.map((event, index) => ({ event, start: 10 * index, end: 10 * index + 10 }));
}

const uid = fc.constantFrom("a", "b", "c");
const point = fc.record({
  key: fc.constantFrom("x", "y"),
  value: fc.double(),
  step: fc.nat(),
  timestamp: fc.nat(),
});
const event: fc.Arbitrary<JournalEvent> = fc.oneof(
  uid.map(
    (id): JournalEvent => ({
      type: "start",
      run: runStart({ uid: id, experiment: "e", params: { p: "1" } }),
    }),
  ),
  fc.record({ type: fc.constant("metrics" as const), uid, points: fc.array(point, { maxLength: 300 }) }),
  fc.record({ type: fc.constant("tags" as const), uid, tags: fc.dictionary(fc.string(), fc.string()) }),
  fc.record({ type: fc.constant("artifact" as const), uid, file: fc.string(), path: fc.string() }),
);

it("chunks hold every event once, in the journal's order for each run", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      const found = [...chunks(entriesOf(events))];
      expect(found.reduce((sum, chunk) => sum + chunk.events, 0)).toBe(events.length);
      expect(found.at(-1)?.end ?? 0).toBe(10 * events.length);
      for (const id of ["a", "b", "c"]) {
        const work = found.flatMap((chunk) => chunk.work.filter((each) => each.uid === id));
        const points = work.flatMap(({ parts }) =>
          parts.flatMap((part) => (part.type === "metric" ? [part.point] : [])),
        );
        const artifacts = work.flatMap((each) => each.artifacts);
        const own = events.filter((each) => each.type !== "start" && each.uid === id);
        expect(points).toEqual(own.flatMap((each) => (each.type === "metrics" ? [...each.points] : [])));
        expect(artifacts.map(({ file }) => file)).toEqual(
          own.flatMap((each) => (each.type === "artifact" ? [each.file] : [])),
        );
      }
    }),
  );
});

it("a chunk ends with the event that makes it 1000 parts or 200 events", () => {
  const points = Array.from({ length: 400 }, (_, step) => ({ key: "m", value: 1, step, timestamp: 1 }));
  const metrics = Array.from({ length: 4 }, (): JournalEvent => ({ type: "metrics", uid: "a", points }));
  expect([...chunks(entriesOf(metrics))].map(({ events, end }) => [events, end])).toEqual([
    [3, 30],
    [1, 40],
  ]);
  const tags = Array.from({ length: 450 }, (): JournalEvent => ({ type: "tags", uid: "a", tags: {} }));
  expect([...chunks(entriesOf(tags))].map(({ events }) => events)).toEqual([200, 200, 50]);
});

it("runs come in the order of their first event, a parent before its children", () => {
  const start = (id: string, parent?: string): JournalEvent => ({
    type: "start",
    run: runStart({ uid: id, experiment: "e", ...(parent === undefined ? {} : { parent }) }),
  });
  const events = [start("top"), start("z", "top"), start("a", "top")];
  const [chunk] = chunks(entriesOf([...events, { type: "end", uid: "top", status: "FINISHED", endTime: 2 }]));
  expect(chunk?.work.map((work) => work.uid)).toEqual(["top", "z", "a"]);
  expect(chunk?.work[0]?.end).toEqual({ status: "FINISHED", endTime: 2 });
});
