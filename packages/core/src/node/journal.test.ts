import { appendFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { endOf, startProcess } from "../../test/child-process.js";
import { fakeClock, fakeIds } from "../../test/fake-project.js";
import type { RunStart } from "../contracts/tracker.js";
import { Journal } from "./journal.js";
import type { JournalEvent } from "./journal-event.js";
import { journalFiles, readJournal } from "./read-journal.js";
import { randomIds, systemClock } from "./system-clock.js";

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "isthmus-journal-"));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

const open = (start?: number) => new Journal(root, { clock: fakeClock(start), ids: fakeIds() });
const events = (file: string) => [...readJournal(file)].map(({ event }) => event);

const run: RunStart = {
  uid: "1",
  parent: "0",
  experiment: "mnist",
  name: "avg seed=0 – ü",
  startTime: 5,
  params: { epochs: "3" },
  tags: { row: "avg" },
  datasets: [{ name: "mnist", digest: "d", context: "training", source: {} }],
};

const point = (step: number, value = 0.5) => ({ key: "train/loss", value, step, timestamp: 7 });

describe("a journal", () => {
  it("gives back every call, in order", async () => {
    const journal = open();
    journal.startRun(run);
    journal.logMetrics("1", [point(1), point(2)]);
    journal.logTags("1", { note: "a\nb" });
    journal.logArtifact("1", join(root, "steps", "k", "x.json"), "figures/x.json");
    journal.endRun("1", "FINISHED", 9);
    await journal.flush();
    expect(events(journal.file)).toEqual([
      { type: "start", run },
      { type: "metrics", uid: "1", points: [point(1), point(2)] },
      { type: "tags", uid: "1", tags: { note: "a\nb" } },
      { type: "artifact", uid: "1", file: join(root, "steps", "k", "x.json"), path: "figures/x.json" },
      { type: "end", uid: "1", status: "FINISHED", endTime: 9 },
    ] satisfies JournalEvent[]);
  });

  it("keeps NaN and infinities", () => {
    const journal = open();
    const points = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value) =>
      point(0, value),
    );
    journal.logMetrics("1", points);
    expect(events(journal.file)).toEqual([{ type: "metrics", uid: "1", points }]);
  });

  it("refers to files of the project by relative paths, so that it can be moved, to others by absolute ones", async () => {
    const journal = open();
    journal.logArtifact("1", join(root, "steps", "k", "x"), "x");
    journal.logArtifact("1", "/elsewhere/y", "y");
    const moved = join(root, "moved", ".isthmus", "journal", "j.jsonl");
    await mkdir(join(moved, ".."), { recursive: true });
    await writeFile(moved, await readFile(journal.file));
    const files = events(moved).map((event) => (event.type === "artifact" ? event.file : ""));
    expect(files).toEqual([join(root, "moved", ".isthmus", "steps", "k", "x"), "/elsewhere/y"]);
  });

  it("makes no file while nothing is logged, then one per process, the oldest first", () => {
    const late = open(9e12);
    const early = open(1e12);
    expect(journalFiles(root)).toEqual([]);
    late.endRun("1", "KILLED", 1);
    early.endRun("1", "KILLED", 1);
    expect(journalFiles(root)).toEqual([early.file, late.file]);
  });

  it("is read on from where the last reading ended", () => {
    const journal = open();
    journal.logMetrics("1", [point(1)]);
    journal.logMetrics("ü", [point(2)]);
    const first = [...readJournal(journal.file)];
    journal.logMetrics("1", [point(3)]);
    const rest = [...readJournal(journal.file, first.at(-1)?.end)];
    const from = first[1]?.start;
    expect(rest.map(({ event }) => event)).toEqual([{ type: "metrics", uid: "1", points: [point(3)] }]);
    expect([...readJournal(journal.file, from)]).toEqual([first[1], ...rest]);
    expect([...readJournal(journal.file, rest[0]?.end)]).toEqual([]);
  });

  it("loses only the last event where its line was torn anywhere, and goes on after it", async () => {
    const whole = open();
    whole.logMetrics("1", [point(1)]);
    whole.logMetrics("1", [point(2)]);
    whole.close();
    const bytes = await readFile(whole.file);
    const [first] = [...readJournal(whole.file)];
    const start = first?.end as number;
    for (let length = start; length < bytes.length; length++) {
      await writeFile(whole.file, bytes.subarray(0, length));
      expect([...readJournal(whole.file)]).toEqual([first]);
      const again = open();
      again.logMetrics("1", [point(3)]);
      again.close();
      expect(again.file).toBe(whole.file);
      // A line that only lacks its end is whole again once the next event begins a new one.
      const survives = length === bytes.length - 1 ? [point(2)] : [];
      const steps = events(again.file).flatMap((event) => (event.type === "metrics" ? event.points : []));
      expect(steps).toEqual([point(1), ...survives, point(3)]);
    }
  });

  it("skips lines it does not know", async () => {
    const journal = open();
    journal.logMetrics("1", [point(1)]);
    await appendFile(journal.file, '\n{"type":"later"}\nnull\n7\n');
    journal.logMetrics("1", [point(2)]);
    expect(events(journal.file)).toHaveLength(2);
  });

  it("never throws into the experiment; flush does", async () => {
    await writeFile(join(root, "journal"), "a file where the folder should be");
    const journal = open();
    journal.logMetrics("1", [point(1)]);
    await expect(journal.flush()).rejects.toMatchObject({ code: "journal/write-failed" });
    await rm(join(root, "journal"));
    journal.logMetrics("1", [point(2)]);
    await journal.flush();
    expect(events(journal.file)).toHaveLength(1);
  });

  it("survives the process being killed", { timeout: 60_000 }, async () => {
    expect(await endOf(startProcess("logAndDie", root))).toBe("SIGKILL");
    const [file] = journalFiles(root);
    expect(events(file as string)).toHaveLength(1000);
    await truncate(file as string, 10);
    expect(events(file as string)).toEqual([]);
  });
});

describe("time and ids", () => {
  it("are whole milliseconds and 32 hexadecimal digits, never the same twice", () => {
    expect(Number.isSafeInteger(systemClock.now())).toBe(true);
    const ids = Array.from({ length: 100 }, () => randomIds.next());
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });
});
