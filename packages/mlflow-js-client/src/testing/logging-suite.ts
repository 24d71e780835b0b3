import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { keyProblem, type Metric, type MlflowClient } from "../index.js";

const NOW = 1_700_000_000_000;

/** Metrics, parameters and tags, read back as the server stored them. */
export function loggingSuite(client: () => MlflowClient): void {
  describe("logging", () => {
    let experimentId: string;
    const newRun = async () => (await client().createRun({ experimentId })).runId;
    const history = async (runId: string, key: string, pageSize?: number) => {
      const found: Metric[] = [];
      for await (const metric of client().metricHistory(
        runId,
        key,
        pageSize === undefined ? {} : { pageSize },
      )) {
        found.push(metric);
      }
      return found;
    };
    beforeAll(async () => {
      experimentId = await client().createExperiment(`logging ${randomUUID()}`);
    });

    it("values that wrong JSON types would corrupt arrive whole, and so does everything behind them", async () => {
      const runId = await newRun();
      await client().logBatch(runId, {
        metrics: [
          { key: "time", value: 1, timestamp: NOW + 0.7, step: 1 },
          { key: "nan", value: Number.NaN, timestamp: NOW, step: 2 },
          { key: "inf", value: Infinity, timestamp: NOW, step: 3 },
          { key: "minus", value: -Infinity, timestamp: NOW, step: -4 },
          { key: "tiny", value: 5e-324, timestamp: NOW, step: 2 ** 53 - 1 },
          { key: "last", value: 0.1 + 0.2, timestamp: new Date(NOW), step: 6 },
        ],
        params: { n: 5, yes: false, none: null, empty: "" },
        tags: { flag: true, n: 1e21 },
      });
      const { metrics, params, tags } = await client().getRun(runId);
      const stored = (key: string) => [metrics[key]?.value, metrics[key]?.timestamp, metrics[key]?.step];
      expect(stored("time")).toEqual([1, NOW, 1]);
      expect(stored("nan")).toEqual([Number.NaN, NOW, 2]);
      expect(stored("inf")).toEqual([Number.MAX_VALUE, NOW, 3]);
      expect(stored("minus")).toEqual([-Number.MAX_VALUE, NOW, -4]);
      expect(stored("tiny")).toEqual([5e-324, NOW, 2 ** 53 - 1]);
      expect(stored("last")).toEqual([0.1 + 0.2, NOW, 6]);
      expect(params).toEqual({ n: "5", yes: "false", none: "null", empty: "" });
      expect(tags).toMatchObject({ flag: "true", n: "1e+21" });
    });

    it("a single metric and a single parameter arrive", async () => {
      const runId = await newRun();
      await client().logMetric(runId, "loss", Number.NaN, { step: 3, timestamp: NOW + 0.5 });
      await client().logParam(runId, "lr", 0.1);
      await client().logParam(runId, "lr", "0.1");
      await expect(client().logParam(runId, "lr", 0.2)).rejects.toMatchObject({
        code: "INVALID_PARAMETER_VALUE",
      });
      const run = await client().getRun(runId);
      expect(run.metrics.loss).toEqual({ key: "loss", value: Number.NaN, step: 3, timestamp: NOW });
      expect(run.params).toEqual({ lr: "0.1" });
      await expect(client().logMetric(runId, "loss", 1, { step: 1.5 })).rejects.toMatchObject({
        attempts: 0,
      });
    });

    it("a batch beyond every limit is split, stored whole, and stored once when sent twice", async () => {
      const runId = await newRun();
      const batch = {
        metrics: Array.from({ length: 2500 }, (_, step) => ({
          key: "m",
          value: step / 3,
          timestamp: NOW + step,
          step,
        })),
        params: Object.fromEntries(Array.from({ length: 230 }, (_, i) => [`p${i}`, `${i}`.repeat(1000)])),
        tags: Object.fromEntries(Array.from({ length: 210 }, (_, i) => [`t${i}`, "語".repeat(2000)])),
      };
      await client().logBatch(runId, batch);
      await client().logBatch(runId, batch);
      const points = await history(runId, "m", 700);
      expect(points.map(({ value, step, timestamp }) => ({ key: "m", value, timestamp, step }))).toEqual(
        batch.metrics,
      );
      const run = await client().getRun(runId);
      expect(run.params).toEqual(batch.params);
      expect(run.tags).toMatchObject(batch.tags);
    });

    it("the history comes in pages", async () => {
      const runId = await newRun();
      const metrics = [0, 1, 2, 3, 4].map((step) => ({ key: "h", value: step, timestamp: NOW + step, step }));
      await client().logBatch(runId, { metrics });
      const first = await client().metricHistoryPage(runId, "h", { pageSize: 2 });
      expect(first.items.map(({ step }) => step)).toEqual([0, 1]);
      const second = await client().metricHistoryPage(runId, "h", { pageSize: 2 }, first.nextPageToken);
      expect(second.items.map(({ step }) => step)).toEqual([2, 3]);
      expect(await history(runId, "unknown")).toEqual([]);
    });

    it("the metrics of a run are the latest by step, whatever the order of arrival", async () => {
      const runId = await newRun();
      await client().logMetric(runId, "m", 2, { step: 2, timestamp: NOW });
      await client().logMetric(runId, "m", 1, { step: 1, timestamp: NOW + 5 });
      expect((await client().getRun(runId)).metrics.m).toMatchObject({ value: 2, step: 2 });
    });

    it("an empty batch sends nothing, and a bad entry stops the whole batch", async () => {
      const runId = await newRun();
      await client().logBatch("no such run", {});
      const batch = {
        metrics: [
          { key: "good", value: 1 },
          { key: "bad#key", value: 1 },
        ],
        tags: { t: 1 },
      };
      await expect(client().logBatch(runId, batch)).rejects.toThrow(/bad#key/);
      expect((await client().getRun(runId)).metrics).toEqual({});
    });

    it("a refusal in a later part says what is stored already", async () => {
      const runId = await newRun();
      await client().logParam(runId, "p150", "old");
      const params = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`p${i}`, i]));
      await expect(client().logBatch(runId, { params })).rejects.toMatchObject({
        code: "INVALID_PARAMETER_VALUE",
        hint: expect.stringContaining("1 of 2 parts"),
      });
    });

    const KEYS = [
      "a", "ä語", "a b", " ", "a-b_c.d:e/f", "١", "a/b/c", "...", "..a", ".a", "a..b", "a/..b", "__proto__", "-",
      "a@k", "a%", "a(b)", "a[0]", "a=b", "a#b", "$x", "a\\b", "a\tb", "a,b", "e\u0301", "²", "½", "Ⅳ",
      "/a", "a/", "a//b", "a/./b", "a/../b", ".", "..", "../a", "./a", "x".repeat(250), "x".repeat(251), "語".repeat(250),
    ]; // biome-ignore format: a table of keys
    it("our rules for keys are the server's", async () => {
      const runId = await newRun();
      const mine = KEYS.map((key) => [key, keyProblem(key) === undefined]);
      const theirs: [string, boolean][] = [];
      for (const key of KEYS) theirs.push([key, await serverAccepts(client().trackingUri, runId, key)]);
      expect(mine).toEqual(theirs);
    });
  });
}

async function serverAccepts(url: string, runId: string, key: string): Promise<boolean> {
  const response = await fetch(`${url}/api/2.0/mlflow/runs/log-metric`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ run_id: runId, key, value: 1, timestamp: NOW, step: 0 }),
  });
  await response.text();
  return response.ok;
}
