import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { MlflowClient } from "@isthmus/mlflow-js-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serverTarget, UID_TAG } from "./server-target.js";
import { startSender } from "./start-sender.js";
import { syncJournals } from "./sync-journals.js";
import { type Fate, startFaultyProxy } from "./testing/faulty-proxy.js";
import { canServe, INSTALL_MS, RealServer } from "./testing/real-server.js";
import { experimentName, runStart, START, sampleProject, writeSample } from "./testing/sample-journal.js";
import { startSenderProcess } from "./testing/start-process.js";
import { eventsIn, history, runOf, runsOf, storedSample, totals, wholeSample } from "./testing/stored.js";
import { until } from "./testing/until.js";

const PATIENT = 60_000;

describe.skipIf(!(await canServe()))("on the way to a real MLflow server", () => {
  const server = new RealServer();
  let client: MlflowClient;

  beforeAll(async () => {
    await server.start();
    client = new MlflowClient({ trackingUri: server.url, uidTag: UID_TAG });
  }, INSTALL_MS);
  afterAll(() => server.end(), PATIENT);

  const sync = (journals: readonly string[], url: string, retryAfter: readonly number[]) => {
    const { signal } = new AbortController();
    return syncJournals({ journals, target: serverTarget(url, {}), signal, retryAfter });
  };
  const senderOf = (journalFile: string) => {
    const warnings: string[] = [];
    const warn = (message: string) => void warnings.push(message);
    const options = { journalFile, trackingUri: server.url, env: {}, warn };
    return { warnings, sender: startSender(options, { poll: 50, longest: 500 }) };
  };

  it("a lost answer to a run's creation, lost batches and a busy server double nothing", async () => {
    const { root, journal } = sampleProject();
    const sample = writeSample(root, journal, { experiment: experimentName(), networks: 1 });
    const fates = new Map<string, Fate[]>([
      ["runs/create", ["lose-answer"]],
      ["log-batch", [503, "lose-answer"]],
      ["mlflow-artifacts", ["lose-answer"]],
    ]);
    const proxy = await startFaultyProxy(server.url, (url) => {
      const path = [...fates.keys()].find((part) => url.includes(part)) ?? "";
      return fates.get(path)?.shift() ?? "pass";
    });
    const report = await sync([journal.file], proxy.url, [10, 10, 10, 10]);
    await proxy.close();
    expect(totals(report)).toEqual([[eventsIn(journal.file), 0, 0]]);
    expect([...fates.values()].flat()).toEqual([]);
    expect(await storedSample(client, sample)).toEqual(wholeSample(sample));
  });

  it("wrong credentials lose nothing: all of it stays pending, with the reason", async () => {
    const { root, journal } = sampleProject();
    writeSample(root, journal, { experiment: experimentName(), networks: 1 });
    const proxy = await startFaultyProxy(server.url, () => 401);
    const report = await sync([journal.file, journal.file], proxy.url, []);
    await proxy.close();
    const pending = eventsIn(journal.file);
    expect(totals(report)).toEqual([
      [0, 0, pending],
      [0, 0, pending],
    ]);
    for (const { reason } of report.outcomes) expect(reason).toContain("MLFLOW_TRACKING_USERNAME");
  });

  it("a journal is sent while it is written, by one sender; others say so and leave it", async () => {
    const { journal } = sampleProject();
    const experiment = experimentName();
    const first = senderOf(journal.file);
    journal.startRun(runStart({ uid: "r1", experiment, tags: { "a@b": "x" } }));
    await until(async () => (await runsOf(client, experiment)).length === 1);
    const second = senderOf(journal.file);
    await until(() => second.warnings.length > 0);
    for (let step = 0; step < 50; step++) {
      journal.logMetrics("r1", [{ key: "m", value: step, step, timestamp: START + step }]);
    }
    const { outcomes } = await sync([journal.file], server.url, []);
    expect(outcomes[0]).toMatchObject({ busy: true, sent: 0 });
    expect(await second.sender.close(100)).toMatchObject({ sent: 0 });
    expect(second.warnings).toEqual([expect.stringContaining("Another process")]);
    const report = await first.sender.close(PATIENT);
    expect(report).toMatchObject({
      sent: 51,
      pending: 0,
      links: [expect.stringContaining("/#/experiments/")],
    });
    expect(await history(client, await runOf(client, experiment, "r1"), "m")).toHaveLength(50);
    expect(first.warnings).toEqual([expect.stringContaining("a@b")]);
  });

  it(
    "what a sending process that was killed left undone is sent by a later sync",
    async () => {
      const { root, journal } = sampleProject();
      const sample = writeSample(root, journal, { experiment: experimentName(), networks: 4 });
      let batches = 0;
      const proxy = await startFaultyProxy(server.url, (url) => {
        if (url.includes("log-batch") && ++batches > 2) child.kill("SIGKILL");
        return "pass";
      });
      const child = startSenderProcess(journal.file, proxy.url);
      await once(child, "exit");
      expect(child.signalCode).toBe("SIGKILL");
      const { outcomes } = await sync([journal.file], proxy.url, [100, 200]);
      await proxy.close();
      expect(outcomes[0]).toMatchObject({ refused: 0, pending: 0 });
      expect(await storedSample(client, sample)).toEqual(wholeSample(sample));
    },
    PATIENT,
  );

  it("a server that is killed while runs are sent and started again has all of them, once", async () => {
    const { root, journal } = sampleProject();
    const { sender, warnings } = senderOf(journal.file);
    const experiment = experimentName();
    const first = writeSample(root, journal, { experiment, networks: 3, epochs: 200 });
    await until(async () => (await runsOf(client, experiment)).length > 1);
    const restarted = server.killAndRestart();
    await sleep(300);
    const second = writeSample(root, journal, { experiment: experimentName(), networks: 1 });
    await restarted;
    expect(await sender.close(PATIENT)).toMatchObject({ sent: eventsIn(journal.file), pending: 0 });
    expect(warnings).toEqual([expect.stringContaining("kept in the journal")]);
    for (const sample of [first, second]) {
      expect(await storedSample(client, sample)).toEqual(wholeSample(sample));
    }
  }, 120_000);
});
