import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { MlflowClient, RunStatus } from "../index.js";

/** Every call about runs, but for logging. */
export function runsSuite(client: () => MlflowClient): void {
  describe("runs", () => {
    let experimentId: string;
    beforeAll(async () => {
      experimentId = await client().createExperiment(`runs ${randomUUID()}`);
    });

    it("a run is created with its own start, name, user and tags", async () => {
      const startTime = 1_600_000_000_000;
      const created = await client().createRun({
        experimentId,
        name: "first",
        startTime: startTime + 0.4,
        user: "ada",
        tags: { seed: 0, ok: true },
      });
      const run = await client().getRun(created.runId);
      expect(run).toMatchObject({ experimentId, name: "first", status: "RUNNING", startTime, user: "ada" });
      expect(run.endTime).toBeUndefined();
      expect(run.tags).toMatchObject({
        seed: "0",
        ok: "true",
        "mlflow.user": "ada",
        "mlflow.runName": "first",
      });
      expect(run.artifactUri).toBe(`mlflow-artifacts:/${experimentId}/${run.runId}/artifacts`);
      expect(created.runId).toBe(run.runId);
    });

    it("ending, renaming and reopening change only what they name", async () => {
      const { runId } = await client().createRun({ experimentId, name: "a" });
      await client().updateRun(runId, { status: "FINISHED", endTime: 1_700_000_000_123 });
      await client().updateRun(runId, { name: "b" });
      expect(await client().getRun(runId)).toMatchObject({
        name: "b",
        status: "FINISHED",
        endTime: 1_700_000_000_123,
      });
      await client().updateRun(runId, { status: "RUNNING" });
      expect(await client().getRun(runId)).toMatchObject({ name: "b", status: "RUNNING" });
      const before = Date.now();
      await client().updateRun(runId, { status: "KILLED" });
      expect((await client().getRun(runId)).endTime).toBeGreaterThanOrEqual(before);
      const wrong = client().updateRun(runId, { status: "DONE" as RunStatus });
      await expect(wrong).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    });

    it("tags are set and deleted", async () => {
      const { runId } = await client().createRun({ experimentId });
      await client().setTag(runId, "k", 5);
      await client().setTag(runId, "gone", null);
      await client().deleteTag(runId, "gone");
      const { tags } = await client().getRun(runId);
      expect(tags).toMatchObject({ k: "5" });
      expect(tags).not.toHaveProperty("gone");
      await expect(client().deleteTag(runId, "gone")).rejects.toMatchObject({
        code: "RESOURCE_DOES_NOT_EXIST",
      });
    });

    it("a deleted run refuses metrics until it is restored", async () => {
      const { runId } = await client().createRun({ experimentId });
      await client().deleteRun(runId);
      expect((await client().getRun(runId)).lifecycleStage).toBe("deleted");
      await expect(client().logMetric(runId, "a", 1)).rejects.toMatchObject({
        code: "INVALID_PARAMETER_VALUE",
      });
      await client().restoreRun(runId);
      await client().logMetric(runId, "a", 1);
      expect((await client().getRun(runId)).lifecycleStage).toBe("active");
    });

    it("a search filters, sorts and walks through all pages", async () => {
      const group = randomUUID();
      for (const acc of [0.3, 0.9, 0.5, 0.7, 0.1]) {
        const { runId } = await client().createRun({ experimentId, tags: { group } });
        await client().logMetric(runId, "val/acc", acc);
      }
      const options = {
        experimentIds: [experimentId],
        filter: `tags.group = '${group}' AND metrics.\`val/acc\` > 0.2`,
        orderBy: ["metrics.`val/acc` DESC"],
        pageSize: 3,
      };
      const found: unknown[] = [];
      for await (const run of client().searchRuns(options)) found.push(run.metrics["val/acc"]?.value);
      expect(found).toEqual([0.9, 0.7, 0.5, 0.3]);
      const first = await client().searchRunsPage(options);
      expect(first.items).toHaveLength(3);
      const last = await client().searchRunsPage(options, first.nextPageToken);
      expect([last.items.length, last.nextPageToken]).toEqual([1, undefined]);
      await client().deleteRun(first.items[0]!.runId);
      expect((await client().searchRunsPage({ ...options, viewType: "DELETED_ONLY" })).items).toHaveLength(1);
    });

    it("a run is found by its own id, and find-or-create makes it once", async () => {
      const uid = randomUUID();
      expect(await client().findRunByUid(experimentId, uid)).toBeUndefined();
      const first = await client().findOrCreateRun({ experimentId, uid, name: "once" });
      const again = await client().findOrCreateRun({ experimentId, uid, name: "twice" });
      expect([again.runId, again.name]).toEqual([first.runId, "once"]);
      await client().deleteRun(first.runId);
      const deleted = await client().findOrCreateRun({ experimentId, uid });
      expect([deleted.runId, deleted.lifecycleStage]).toEqual([first.runId, "deleted"]);
      expect(first.tags["mlflow-js-client.uid"]).toBe(uid);
      await expect(client().createRun({ experimentId, uid: "it's" })).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
      });
    });

    it("data sets are noted with context, source and schema", async () => {
      const { runId } = await client().createRun({ experimentId });
      const schema = { mlflow_colspec: [{ name: "x", type: "double", required: true }] };
      await client().logInputs(runId, [
        {
          name: "digits",
          digest: "d".repeat(36),
          sourceType: "local",
          source: { uri: "data/x.csv" },
          schema,
          profile: { num_rows: 100 },
          context: "training",
        },
        { name: "digits-test", digest: "2", sourceType: "code", source: "{}" },
      ]);
      const { datasets } = await client().getRun(runId);
      const byName = Object.fromEntries(datasets.map((dataset) => [dataset.name, dataset]));
      expect(byName.digits).toEqual({
        name: "digits",
        digest: "d".repeat(36),
        sourceType: "local",
        source: '{"uri":"data/x.csv"}',
        schema: JSON.stringify(schema),
        profile: '{"num_rows":100}',
        tags: { "mlflow.data.context": "training" },
      });
      expect(byName["digits-test"]).toMatchObject({ digest: "2", sourceType: "code", tags: {} });
      const long = { name: "x", digest: "d".repeat(37), sourceType: "local", source: "{}" };
      await expect(client().logInputs(runId, [long])).rejects.toThrow(/digest has 37 characters/);
    });
  });
}
