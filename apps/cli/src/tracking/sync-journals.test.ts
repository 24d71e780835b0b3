import { readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { parseExact } from "@isthmus/core";
import { journalFiles } from "@isthmus/core/node";
import { MlflowClient, type Run } from "@isthmus/mlflow-js-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { comparisonView } from "./comparison-view.js";
import { cursorFile, readCursor, writeCursor } from "./cursor.js";
import { rejectedFile } from "./rejected-file.js";
import { serverTarget, UID_TAG } from "./server-target.js";
import { syncJournals } from "./sync-journals.js";
import { canServe, INSTALL_MS, RealServer } from "./testing/real-server.js";
import { experimentName, runStart, START, sampleProject, writeSample } from "./testing/sample-journal.js";
import { eventsIn, history, runOf, runsOf, storedSample, totals, wholeSample } from "./testing/stored.js";

const POINTS = Array.from({ length: 100 }, (_, step) => ({ key: "m", value: step, step, timestamp: START }));

describe.skipIf(!(await canServe()))("what a journal leaves on a real MLflow server", () => {
  const server = new RealServer();
  let client: MlflowClient;

  beforeAll(async () => {
    await server.start();
    client = new MlflowClient({ trackingUri: server.url, uidTag: UID_TAG });
  }, INSTALL_MS);
  afterAll(() => server.end(), 60_000);

  const sync = (...journals: readonly string[]) => {
    const { signal } = new AbortController();
    return syncJournals({ journals, target: serverTarget(server.url, {}), signal, retryAfter: [] });
  };
  const cursorOf = (journal: string) => cursorFile(journal, serverTarget(server.url, {}).key);

  it("is everything it says, field by field", async () => {
    const { root, journal } = sampleProject();
    const sample = writeSample(root, journal, { experiment: experimentName() });
    expect(totals(await sync(...journalFiles(root)))).toEqual([[eventsIn(journal.file), 0, 0]]);
    expect(await storedSample(client, sample)).toEqual(wholeSample(sample));
    const run = await runOf(client, sample.experiment, sample.children[1] as string);
    const { name, startTime, endTime, params, tags, datasets, metrics } = run;
    expect({ name, startTime, endTime, params }).toEqual({
      name: "average seed=0",
      startTime: START + 60_000,
      endTime: START + 110_000,
      params: { "optimizer.learningRate": "0.07", hidden: "[400,200]" },
    });
    expect(tags).toMatchObject({ row: "average", protocol: "paper", "mlflow.runColor": "#d55e00" });
    expect(metrics["test/accuracy"]).toMatchObject({ value: 0.89, step: 0, timestamp: START + 110_000 });
    expect(datasets[0]).toMatchObject({ name: "digits", digest: "0123456789abcdef0123456789abcdef" });
    expect(datasets[0]?.tags["mlflow.data.context"]).toBe("training");
    expect(JSON.parse(datasets[0]?.source ?? "")).toEqual({ dataset: "digits" });
  });

  it("is the same when it is sent twice, even when the cursor got lost", async () => {
    const { root, journal } = sampleProject();
    const sample = writeSample(root, journal, { experiment: experimentName() });
    await sync(journal.file);
    const before = await runsOf(client, sample.experiment);
    expect(totals(await sync(journal.file))).toEqual([[0, 0, 0]]);
    rmSync(cursorOf(journal.file));
    expect(totals(await sync(journal.file))).toEqual([[eventsIn(journal.file), 0, 0]]);
    expect(await runsOf(client, sample.experiment)).toEqual(before);
    expect(await storedSample(client, sample)).toEqual(wholeSample(sample));
  });

  it("is everything again when another store answers at the same address", async () => {
    const { root, journal } = sampleProject();
    const sample = writeSample(root, journal, { experiment: experimentName() });
    await sync(journal.file);
    const cursor = readCursor(cursorOf(journal.file));
    for (const [name, { id }] of cursor.experiments) cursor.experiments.set(name, { id, creationTime: 1 });
    await writeCursor(cursorOf(journal.file), cursor);
    expect(totals(await sync(journal.file))).toEqual([[eventsIn(journal.file), 0, 0]]);
    expect(await storedSample(client, sample)).toEqual(wholeSample(sample));
  });

  it("comes back with a deleted experiment when there is more to send to it", async () => {
    const { root, journal } = sampleProject();
    const sample = writeSample(root, journal, { experiment: experimentName(), networks: 1 });
    await sync(journal.file);
    const [{ experimentId }] = (await runsOf(client, sample.experiment)) as [Run];
    await client.deleteExperiment(experimentId);
    expect(totals(await sync(journal.file))).toEqual([[0, 0, 0]]);
    expect((await client.getExperiment(experimentId)).lifecycleStage).toBe("deleted");
    journal.logTags(sample.parent, { late: "yes" });
    expect(totals(await sync(journal.file))).toEqual([[1, 0, 0]]);
    expect((await client.getExperiment(experimentId)).lifecycleStage).toBe("active");
    const run = await runOf(client, sample.experiment, sample.parent);
    expect([run.lifecycleStage, run.tags.late]).toEqual(["active", "yes"]);
  });

  it("has a page that compares the networks; one that a person made of it is kept", async () => {
    const { root, journal } = sampleProject();
    const { experiment } = writeSample(root, journal, { experiment: experimentName(), networks: 1 });
    const { links } = await sync(journal.file);
    const found = await client.getExperimentByName(experiment);
    const tag = `mlflow.sharedViewState.${comparisonView.id}`;
    expect(JSON.parse(found?.tags[tag] ?? "").name).toBe(comparisonView.name);
    expect(links).toHaveLength(1);
    expect(links[0]).toContain(`/#/experiments/${found?.experimentId}/runs?workflowType=machine_learning`);
    expect(links[0]).toContain(`viewStateShareKey=${comparisonView.id}`);
    await client.setExperimentTag(found?.experimentId ?? "", tag, "mine");
    journal.startRun(runStart({ uid: "one-more", experiment }));
    await sync(journal.file);
    expect((await client.getExperimentByName(experiment))?.tags[tag]).toBe("mine");
  });

  it("is all that can be taken; the rest is kept with the reason", async () => {
    const { root, journal } = sampleProject();
    const experiment = experimentName();
    const bad = { ...POINTS[7]!, key: "m%" };
    journal.startRun(
      runStart({ uid: "r1", experiment, params: { good: "1", "bad[0]": "2" }, tags: { "a@b": "x" } }),
    );
    journal.logMetrics("r1", [...POINTS.slice(0, 7), bad, ...POINTS.slice(8)]);
    journal.logArtifact("r1", "/nowhere/at/all.txt", "all.txt");
    journal.logMetrics("r2", POINTS.slice(0, 1));
    journal.endRun("r1", "FAILED", START + 5);
    journal.close();
    expect(totals(await sync(journal.file))).toEqual([[5, 5, 0]]);
    const run = await runOf(client, experiment, "r1");
    expect([run.params, run.status]).toEqual([{ good: "1" }, "FAILED"]);
    const steps = (await history(client, run, "m")).map(({ step }) => step);
    expect(steps).toEqual(POINTS.map(({ step }) => step).filter((step) => step !== 7));
    const lines = readFileSync(rejectedFile(journal.file), "utf8").trim().split("\n").map(parseExact);
    const message = (part: string) => expect.stringContaining(part);
    expect(lines).toEqual([
      { uid: "r1", message: message("bad[0]"), what: { type: "param", key: "bad[0]", value: "2" } },
      { uid: "r1", message: message("a@b"), what: { type: "tag", key: "a@b", value: "x" } },
      { uid: "r1", message: message("m%"), what: { type: "metric", point: bad } },
      { uid: "r1", message: message("all.txt"), what: expect.objectContaining({ type: "artifact" }) },
      { uid: "r2", message: message("start"), what: { type: "metric", point: POINTS[0] } },
    ]);
    expect(dirname(rejectedFile(journal.file))).toBe(dirname(journal.file));
    expect(journalFiles(root)).toEqual([journal.file]);
  });

  it("lacks a parameter that the server refuses to change, and nothing beside it", async () => {
    const { journal } = sampleProject();
    const experiment = experimentName();
    journal.startRun(runStart({ uid: "r1", experiment, params: { lr: "1" } }));
    await sync(journal.file);
    journal.startRun(runStart({ uid: "r1", experiment, params: { lr: "2", depth: "3" } }));
    expect(totals(await sync(journal.file))).toEqual([[1, 1, 0]]);
    expect((await runOf(client, experiment, "r1")).params).toEqual({ lr: "1", depth: "3" });
    expect(readFileSync(rejectedFile(journal.file), "utf8")).toMatch(/changing param/i);
  });

  it("is no more of a run that was deleted there, and no other run instead", async () => {
    const { journal } = sampleProject();
    const experiment = experimentName();
    for (const uid of ["r1", "r2"]) journal.startRun(runStart({ uid, experiment }));
    await sync(journal.file);
    await client.deleteRun((await runOf(client, experiment, "r1")).runId);
    for (const uid of ["r1", "r2"]) journal.logMetrics(uid, POINTS);
    expect(totals(await sync(journal.file))).toEqual([[2, POINTS.length, 0]]);
    expect(await history(client, await runOf(client, experiment, "r2"), "m")).toHaveLength(POINTS.length);
    expect(await runsOf(client, experiment)).toHaveLength(2);
  });
});
