import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseExact } from "@isthmus/core";
import { readJournal } from "@isthmus/core/node";
import { type Metric, MlflowClient, type Run } from "@isthmus/mlflow-js-client";
import { defaultCacheDir } from "@isthmus/mlflow-js-client/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { comparisonView } from "./comparison-view.js";
import { cursorFile, readCursor, writeCursor } from "./cursor.js";
import { projectJournals, rejectedFile } from "./rejected-file.js";
import { serveProject } from "./serve-project.js";
import { serverTarget, UID_TAG } from "./server-target.js";
import { startSender } from "./start-sender.js";
import { type SyncReport, syncJournals } from "./sync-journals.js";
import { startFaultyProxy } from "./testing/faulty-proxy.js";
import { canServe, RealServer } from "./testing/real-server.js";
import {
  lossAt,
  runStart,
  type Sample,
  START,
  sampleProject,
  writeSample,
} from "./testing/sample-journal.js";
import { startSenderProcess } from "./testing/start-process.js";

const PACE = { poll: 50, longest: 500 };
const PATIENT = 60_000;
const INSTALL_MS = 600_000;
const never = new AbortController().signal;

describe.skipIf(!(await canServe()))("journals on a real MLflow server", () => {
  const server = new RealServer();
  let client: MlflowClient;

  beforeAll(async () => {
    await server.start();
    client = new MlflowClient({ trackingUri: server.url, uidTag: UID_TAG });
  }, INSTALL_MS);
  afterAll(() => server.end(), PATIENT);

  const experimentName = () => `experiment ${randomUUID()}`;
  const sync = (journals: readonly string[], uri = server.url, retryAfter: readonly number[] = [100, 200]) =>
    syncJournals({ journals, target: serverTarget(uri, {}), signal: never, retryAfter });
  const totals = ({ outcomes }: SyncReport) =>
    outcomes.map(({ sent, refused, pending }) => [sent, refused, pending]);
  const eventsIn = (journal: string) => [...readJournal(journal)].length;

  async function runsOf(experiment: string): Promise<Run[]> {
    const found = await client.getExperimentByName(experiment);
    if (found === undefined) return [];
    const page = await client.searchRunsPage({ experimentIds: [found.experimentId], viewType: "ALL" });
    return [...page.items];
  }
  async function runOf(experiment: string, uid: string): Promise<Run> {
    const found = (await runsOf(experiment)).filter(({ tags }) => tags[UID_TAG] === uid);
    expect(found).toHaveLength(1);
    return found[0] as Run;
  }
  async function history(run: Run, key: string): Promise<Metric[]> {
    const points: Metric[] = [];
    for await (const point of client.metricHistory(run.runId, key)) points.push(point);
    return points;
  }
  /** Every run once, every point once, every artifact. */
  async function expectComplete({ experiment, parent, children, epochs }: Sample): Promise<void> {
    const runs = await runsOf(experiment);
    expect(runs.map(({ tags }) => tags[UID_TAG]).sort()).toEqual([parent, ...children].sort());
    const top = await runOf(experiment, parent);
    for (const [index, uid] of children.entries()) {
      const run = await runOf(experiment, uid);
      expect([run.status, run.tags["mlflow.parentRunId"]]).toEqual(["FINISHED", top.runId]);
      const losses = (await history(run, "train/loss")).map(({ step, value }) => [step, value]);
      expect(losses).toEqual(Array.from({ length: epochs }, (_, e) => [e + 1, lossAt(index, e + 1)]));
      expect(await history(run, "test/accuracy")).toHaveLength(1);
    }
    expect(top.status).toBe("FINISHED");
    expect(Buffer.from(await client.downloadArtifact(top.runId, "recipe.yaml")).toString()).toBe(
      "name: sample\n",
    );
  }

  it("holds everything that the journal says, field by field", async () => {
    const { root, journal } = sampleProject();
    const sample = writeSample(root, journal, { experiment: experimentName() });
    expect(totals(await sync(projectJournals(root)))).toEqual([[eventsIn(journal.file), 0, 0]]);
    await expectComplete(sample);
    const { name, startTime, endTime, params, tags, datasets, metrics } = await runOf(
      sample.experiment,
      sample.children[1] as string,
    );
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

  it("is not changed by sending the same journal twice, even when the cursor got lost", async () => {
    const { root, journal } = sampleProject();
    const sample = writeSample(root, journal, { experiment: experimentName() });
    await sync([journal.file]);
    const before = await runsOf(sample.experiment);
    expect(totals(await sync([journal.file]))).toEqual([[0, 0, 0]]);
    rmSync(cursorFile(journal.file, serverTarget(server.url, {}).key));
    expect(totals(await sync([journal.file]))).toEqual([[eventsIn(journal.file), 0, 0]]);
    expect(await runsOf(sample.experiment)).toEqual(before);
    await expectComplete(sample);
  });

  it("is filled again when another store answers at the same address", async () => {
    const { root, journal } = sampleProject();
    const sample = writeSample(root, journal, { experiment: experimentName() });
    await sync([journal.file]);
    const file = cursorFile(journal.file, serverTarget(server.url, {}).key);
    const cursor = readCursor(file);
    cursor.experiments.set(sample.experiment, { id: "999999", creationTime: 1 });
    await writeCursor(file, cursor);
    expect(totals(await sync([journal.file]))).toEqual([[eventsIn(journal.file), 0, 0]]);
    await expectComplete(sample);
  });

  it("gets a deleted experiment back when there is more to send to it", async () => {
    const { root, journal } = sampleProject();
    const sample = writeSample(root, journal, { experiment: experimentName(), networks: 1 });
    await sync([journal.file]);
    const [{ experimentId, runId }] = (await runsOf(sample.experiment)) as [Run];
    await client.deleteExperiment(experimentId);
    journal.logTags(sample.parent, { late: "yes" });
    expect(totals(await sync([journal.file]))).toEqual([[1, 0, 0]]);
    expect((await client.getExperiment(experimentId)).lifecycleStage).toBe("active");
    expect((await client.getRun(runId)).lifecycleStage).toBe("active");
    expect((await runOf(sample.experiment, sample.parent)).tags.late).toBe("yes");
  });

  it("has a page that compares the networks, and keeps the one a person made of it", async () => {
    const { root, journal } = sampleProject();
    const { experiment } = writeSample(root, journal, { experiment: experimentName(), networks: 1 });
    const { links } = await sync([journal.file]);
    const found = await client.getExperimentByName(experiment);
    const tag = `mlflow.sharedViewState.${comparisonView.id}`;
    expect(JSON.parse(found?.tags[tag] ?? "").name).toBe(comparisonView.name);
    expect(links).toHaveLength(1);
    expect(links[0]).toContain(`/#/experiments/${found?.experimentId}/runs?workflowType=machine_learning`);
    expect(links[0]).toContain(`viewStateShareKey=${comparisonView.id}`);
    await client.setExperimentTag(found?.experimentId ?? "", tag, "mine");
    journal.logTags("nobody", {});
    await sync([journal.file]);
    expect((await client.getExperimentByName(experiment))?.tags[tag]).toBe("mine");
  });

  it("takes what it can of what it refuses in part; the rest is kept with the reason", async () => {
    const { journal } = sampleProject();
    const experiment = experimentName();
    journal.startRun(
      runStart({ uid: "r1", experiment, params: { good: "1", "bad[0]": "2" }, tags: { "a@b": "x" } }),
    );
    const points = Array.from({ length: 20 }, (_, step) => ({
      key: "m",
      value: step,
      step,
      timestamp: START,
    }));
    journal.logMetrics("r1", [...points.slice(0, 7), { ...points[7]!, key: "m%" }, ...points.slice(8)]);
    journal.logArtifact("r1", "/nowhere/at/all.txt", "all.txt");
    journal.logMetrics("r2", points.slice(0, 1));
    journal.endRun("r1", "FAILED", START + 5);
    journal.close();
    expect(totals(await sync([journal.file]))).toEqual([[5, 5, 0]]);
    const run = await runOf(experiment, "r1");
    expect([run.params, run.status]).toEqual([{ good: "1" }, "FAILED"]);
    expect((await history(run, "m")).map(({ step }) => step)).toEqual(
      points.map(({ step }) => step).filter((step) => step !== 7),
    );
    const lines = readFileSync(rejectedFile(journal.file), "utf8").trim().split("\n").map(parseExact);
    expect(lines).toEqual([
      {
        uid: "r1",
        message: expect.stringContaining("bad[0]"),
        what: { type: "param", key: "bad[0]", value: "2" },
      },
      { uid: "r1", message: expect.stringContaining("a@b"), what: { type: "tag", key: "a@b", value: "x" } },
      {
        uid: "r1",
        message: expect.stringContaining("m%"),
        what: { type: "metric", point: { ...points[7], key: "m%" } },
      },
      {
        uid: "r1",
        message: expect.stringContaining("all.txt"),
        what: expect.objectContaining({ type: "artifact" }),
      },
      { uid: "r2", message: expect.stringContaining("start"), what: { type: "metric", point: points[0] } },
    ]);
    expect(projectJournals(join(journal.file, "..", ".."))).toEqual([journal.file]);
  });

  it("a parameter that the server itself refuses to change is kept with its message", async () => {
    const { journal } = sampleProject();
    const experiment = experimentName();
    journal.startRun(runStart({ uid: "r1", experiment, params: { lr: "1" } }));
    await sync([journal.file]);
    journal.startRun(runStart({ uid: "r1", experiment, params: { lr: "2", depth: "3" } }));
    expect(totals(await sync([journal.file]))).toEqual([[1, 1, 0]]);
    expect((await runOf(experiment, "r1")).params).toEqual({ lr: "1", depth: "3" });
    expect(readFileSync(rejectedFile(journal.file), "utf8")).toMatch(/[Cc]hanging param/);
  });

  it("gets no more of a run that was deleted there, and no other one instead", async () => {
    const { journal } = sampleProject();
    const experiment = experimentName();
    journal.startRun(runStart({ uid: "r1", experiment }));
    journal.startRun(runStart({ uid: "r2", experiment }));
    await sync([journal.file]);
    await client.deleteRun((await runOf(experiment, "r1")).runId);
    const points = Array.from({ length: 100 }, (_, step) => ({ key: "m", value: 1, step, timestamp: START }));
    journal.logMetrics("r1", points);
    journal.logMetrics("r2", points);
    expect(totals(await sync([journal.file]))).toEqual([[2, 100, 0]]);
    expect(await history(await runOf(experiment, "r2"), "m")).toHaveLength(100);
    expect(await runsOf(experiment)).toHaveLength(2);
  });

  it("has one run even when the answer to its creation got lost, and waits out a busy server", async () => {
    const { root, journal } = sampleProject();
    const sample = writeSample(root, journal, { experiment: experimentName(), networks: 1 });
    const fates = new Map([
      ["runs/create", ["lose-answer"]],
      ["log-batch", [503, "lose-answer"]],
      ["mlflow-artifacts", ["lose-answer"]],
    ] as const);
    const left = new Map([...fates].map(([path, list]) => [path, [...list]]));
    const proxy = await startFaultyProxy(server.url, (url) => {
      const path = [...left.keys()].find((part) => url.includes(part));
      return (path && left.get(path)?.shift()) || "pass";
    });
    expect(totals(await sync([journal.file], proxy.url, [10, 10, 10, 10]))).toEqual([
      [eventsIn(journal.file), 0, 0],
    ]);
    await proxy.close();
    expect([...left.values()].flat()).toEqual([]);
    await expectComplete(sample);
  });

  it("that refuses credentials loses nothing: all of it stays pending, with the reason", async () => {
    const { root, journal } = sampleProject();
    writeSample(root, journal, { experiment: experimentName(), networks: 1 });
    const proxy = await startFaultyProxy(server.url, () => 401);
    const { outcomes } = await sync([journal.file, journal.file], proxy.url, []);
    await proxy.close();
    const events = eventsIn(journal.file);
    expect(outcomes.map(({ sent, refused, pending }) => [sent, refused, pending])).toEqual([
      [0, 0, events],
      [0, 0, events],
    ]);
    expect(outcomes[1]?.reason).toContain("MLFLOW_TRACKING_USERNAME");
  });

  it("gets a journal while it is written; only one sender at a time, and the other one says so", async () => {
    const { journal } = sampleProject();
    const experiment = experimentName();
    const messages: string[][] = [[], []];
    const open = (index: number) =>
      startSender(
        {
          journalFile: journal.file,
          trackingUri: server.url,
          env: {},
          warn: (message) => messages[index]?.push(message),
        },
        PACE,
      );
    const first = open(0);
    journal.startRun(runStart({ uid: "r1", experiment }));
    await until(async () => (await runsOf(experiment)).length === 1);
    const second = open(1);
    await until(async () => messages[1]?.length === 1);
    expect(messages[1]?.[0]).toContain("Another process");
    for (let step = 0; step < 50; step++) {
      journal.logMetrics("r1", [{ key: "m", value: step, step, timestamp: START + step }]);
    }
    expect((await sync([journal.file])).outcomes[0]).toMatchObject({ busy: true, sent: 0 });
    expect(await second.close(100)).toMatchObject({ sent: 0 });
    expect(await first.close(PATIENT)).toMatchObject({ sent: 51, pending: 0 });
    expect(await history(await runOf(experiment, "r1"), "m")).toHaveLength(50);
    expect(messages[0]).toEqual([]);
  });

  it(
    "gets the rest from a later sync when the sending process was killed in the middle",
    async () => {
      const { root, journal } = sampleProject();
      const sample = writeSample(root, journal, { experiment: experimentName(), networks: 4 });
      let calls = 0;
      const slow = await startFaultyProxy(server.url, (url) => {
        if (url.includes("log-batch") && ++calls > 2) child.kill("SIGKILL");
        return "pass";
      });
      const child = startSenderProcess(journal.file, slow.url);
      await once(child, "exit");
      expect(child.signalCode).toBe("SIGKILL");
      const { outcomes } = await sync([journal.file], slow.url);
      await slow.close();
      expect(outcomes[0]).toMatchObject({ refused: 0, pending: 0 });
      expect(calls).toBeGreaterThan(2);
      await expectComplete(sample);
    },
    PATIENT,
  );

  it("killed while runs are sent and started again, has all of them, once", async () => {
    const { root, journal } = sampleProject();
    const warnings: string[] = [];
    const sender = startSender(
      {
        journalFile: journal.file,
        trackingUri: server.url,
        env: {},
        warn: (message) => warnings.push(message),
      },
      PACE,
    );
    const experiment = experimentName();
    const first = writeSample(root, journal, { experiment, networks: 3, epochs: 200 });
    await until(async () => (await runsOf(experiment)).length > 1);
    const restarted = server.killAndRestart();
    await sleep(300);
    const second = writeSample(root, journal, { experiment: experimentName(), networks: 1 });
    await restarted;
    expect(await sender.close(PATIENT)).toMatchObject({ sent: eventsIn(journal.file), pending: 0 });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("kept in the journal");
    await expectComplete(first);
    await expectComplete(second);
  }, 120_000);

  it(
    "of the project's own shows runs as they are made, and ends with the signal",
    async () => {
      const { root, journal } = sampleProject();
      const first = writeSample(root, journal, { experiment: experimentName(), networks: 1 });
      const stop = new AbortController();
      const links: string[] = [];
      let url = "";
      const options = {
        kept: root,
        port: undefined,
        env: process.env,
        cacheDir: defaultCacheDir(),
        signal: stop.signal,
        say: () => {},
        installing: () => {},
        onReady: (address: string) => {
          url = address;
        },
        onServed: () => {},
        onLink: (link: string) => links.push(link),
      };
      const served = serveProject(options);
      await until(async () => links.length === 1);
      let elsewhere = "";
      await serveProject({
        ...options,
        onServed: (address) => {
          elsewhere = address;
        },
      });
      expect(elsewhere).toBe(url);
      const second = writeSample(root, journal, { experiment: experimentName(), networks: 1 });
      await until(async () => links.length === 2);
      const own = new MlflowClient({ trackingUri: url });
      for (const { experiment } of [first, second]) {
        const found = await own.getExperimentByName(experiment);
        expect((await own.searchRunsPage({ experimentIds: [found?.experimentId ?? ""] })).items).toHaveLength(
          2,
        );
      }
      await own.close();
      stop.abort();
      await served;
      await expect(fetch(`${url}/health`)).rejects.toThrow();
    },
    PATIENT,
  );
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50);
}

describe("without a server", () => {
  it("a sender says so once, loses nothing and ends at its deadline", async () => {
    const { root, journal } = sampleProject();
    const warnings: string[] = [];
    const options = { journalFile: journal.file, env: {}, warn: (message: string) => warnings.push(message) };
    const sender = startSender({ ...options, trackingUri: "http://127.0.0.1:9" }, { poll: 10, longest: 20 });
    writeSample(root, journal, { experiment: "none", networks: 1 });
    const events = eventsOf(journal.file);
    await until(async () => warnings.length > 0);
    expect(await sender.close(200)).toEqual({ sent: 0, pending: events, links: [] });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("127.0.0.1:9");
  });

  it("a sender with nothing to send ends at once", async () => {
    const { journal } = sampleProject();
    const options = { journalFile: journal.file, env: {}, warn: () => {} };
    const sender = startSender({ ...options, trackingUri: "http://127.0.0.1:9" });
    expect(await sender.close(3_600_000)).toEqual({ sent: 0, pending: 0, links: [] });
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
      target: serverTarget("http://127.0.0.1:9", {}),
      signal: never,
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
});

function eventsOf(journal: string): number {
  return [...readJournal(journal)].length;
}
