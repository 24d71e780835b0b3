import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { readJournal } from "@isthmus/core/node";
import { expect, it } from "vitest";
import { cursorFile, readCursor } from "./cursor.js";
import { serverTarget } from "./server-target.js";
import { startSender } from "./start-sender.js";
import { syncJournals } from "./sync-journals.js";
import { sampleProject, writeSample } from "./testing/sample-journal.js";

const NOBODY = "http://127.0.0.1:9";

it("a sender says so once, loses nothing and ends at its deadline", async () => {
  const { root, journal } = sampleProject();
  const warnings: string[] = [];
  const options = { journalFile: journal.file, env: {}, warn: (message: string) => warnings.push(message) };
  const sender = startSender({ ...options, trackingUri: NOBODY }, { poll: 10, longest: 20 });
  writeSample(root, journal, { experiment: "none", networks: 1 });
  const events = [...readJournal(journal.file)].length;
  while (warnings.length === 0) await sleep(5);
  expect(await sender.close(200)).toEqual({ sent: 0, refused: 0, pending: events, links: [] });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain("127.0.0.1:9");
});

it("a sender with nothing to send ends at once", async () => {
  const { journal } = sampleProject();
  const options = { journalFile: journal.file, env: {}, warn: () => {} };
  const sender = startSender({ ...options, trackingUri: NOBODY });
  expect(await sender.close(3_600_000)).toEqual({ sent: 0, refused: 0, pending: 0, links: [] });
});

it("an address that cannot be used is a warning, not an error", async () => {
  const warnings: string[] = [];
  const { journal } = sampleProject();
  const options = { journalFile: journal.file, env: {}, warn: (message: string) => warnings.push(message) };
  const sender = startSender({ ...options, trackingUri: "sqlite:///mlflow.db" });
  expect(await sender.close(0)).toMatchObject({ sent: 0 });
  expect(warnings[0]).toContain("sqlite:");
});

it("sync leaves all journals pending after trying the first one", async () => {
  const projects = [sampleProject(), sampleProject()];
  for (const { root, journal } of projects) writeSample(root, journal, { experiment: "none", networks: 1 });
  const { outcomes } = await syncJournals({
    journals: projects.map(({ journal }) => journal.file),
    target: serverTarget(NOBODY, {}),
    signal: new AbortController().signal,
    retryAfter: [10],
  });
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({ sent: 0, reason: expect.stringContaining(":9") });
});

it("a damaged cursor is a fresh one", () => {
  const { journal } = sampleProject();
  const file = cursorFile(journal.file, "x");
  expect(readCursor(file).position).toBe(0);
  journal.logTags("x", {});
  writeFileSync(file, '{"position": "far"');
  expect(readCursor(file).position).toBe(0);
  journal.close();
});
