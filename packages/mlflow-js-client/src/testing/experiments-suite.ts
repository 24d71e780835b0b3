import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { MlflowClient } from "../index.js";

/** Every call about experiments. */
export function experimentsSuite(client: () => MlflowClient): void {
  const fresh = () => `experiment ${randomUUID()}`;

  it("an experiment is created with tags, and found by id and by name", async () => {
    const name = fresh();
    const id = await client().createExperiment(name, { tags: { note: "größe & co", n: 3 } });
    const byId = await client().getExperiment(id);
    expect(byId).toMatchObject({ experimentId: id, name, lifecycleStage: "active" });
    expect(byId.tags).toMatchObject({ note: "größe & co", n: "3" });
    expect(byId.creationTime).toBeGreaterThan(1.6e12);
    expect(await client().getExperimentByName(name)).toEqual(byId);
    expect(await client().getExperimentByName(fresh())).toBeUndefined();
    await expect(client().createExperiment(name)).rejects.toMatchObject({ code: "RESOURCE_ALREADY_EXISTS" });
  });

  it("it can be renamed, tagged, deleted and restored", async () => {
    const id = await client().createExperiment(fresh());
    const name = fresh();
    await client().renameExperiment(id, name);
    await client().setExperimentTag(id, "a/b", true);
    await client().setExperimentTag(id, "gone", "x");
    await client().deleteExperimentTag(id, "gone");
    await client().deleteExperiment(id);
    const deleted = await client().getExperiment(id);
    expect(deleted).toMatchObject({ name, lifecycleStage: "deleted" });
    expect(deleted.tags).toMatchObject({ "a/b": "true" });
    expect(deleted.tags).not.toHaveProperty("gone");
    await client().restoreExperiment(id);
    expect((await client().getExperiment(id)).lifecycleStage).toBe("active");
    await expect(client().deleteExperimentTag(id, "gone")).rejects.toMatchObject({
      code: "RESOURCE_DOES_NOT_EXIST",
    });
  });

  it("get-or-create gives everyone who asks at once the same experiment", async () => {
    const name = fresh();
    const all = await Promise.all(Array.from({ length: 6 }, () => client().getOrCreateExperiment(name)));
    expect(new Set(all.map(({ experimentId }) => experimentId)).size).toBe(1);
  });

  it("get-or-create brings a deleted experiment back, also for several at once", async () => {
    const name = fresh();
    const id = await client().createExperiment(name);
    await client().deleteExperiment(id);
    const all = await Promise.all(Array.from({ length: 3 }, () => client().getOrCreateExperiment(name)));
    for (const found of all) expect(found).toMatchObject({ experimentId: id, lifecycleStage: "active" });
  });

  it("a search walks through all pages", async () => {
    const prefix = randomUUID();
    const names = ["a", "b", "c", "d", "e"].map((letter) => `${prefix} ${letter}`);
    for (const name of names) await client().createExperiment(name);
    const options = { filter: `name LIKE '${prefix}%'`, orderBy: ["name DESC"], pageSize: 2 };
    const found: string[] = [];
    for await (const { name } of client().searchExperiments(options)) found.push(name);
    expect(found).toEqual(names.toReversed());
    const first = await client().searchExperimentsPage(options);
    const second = await client().searchExperimentsPage(options, first.nextPageToken);
    expect(second.items.map(({ name }) => name)).toEqual([names[2], names[1]]);
    const deleted = await client().searchExperimentsPage({ ...options, viewType: "DELETED_ONLY" });
    expect(deleted).toEqual({ items: [], nextPageToken: undefined });
  });

  it("the default experiment is the one from the environment, else the server's", async () => {
    const env = { MLFLOW_TRACKING_URI: client().trackingUri, MLFLOW_EXPERIMENT_NAME: fresh() };
    const made = await MlflowClient.fromEnv(env).defaultExperiment();
    expect(made.name).toBe(env.MLFLOW_EXPERIMENT_NAME);
    const both = MlflowClient.fromEnv({ ...env, MLFLOW_EXPERIMENT_ID: "0" });
    await expect(both.defaultExperiment()).rejects.toMatchObject({ code: "INVALID_CONFIGURATION" });
    const { MLFLOW_TRACKING_URI } = env;
    const byId = MlflowClient.fromEnv({ MLFLOW_TRACKING_URI, MLFLOW_EXPERIMENT_ID: made.experimentId });
    expect((await byId.defaultExperiment()).name).toBe(made.name);
    expect((await client().defaultExperiment()).experimentId).toBe("0");
  });

  it("names and tags that are too long are refused before sending", async () => {
    await expect(client().createExperiment("x".repeat(501))).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
    await expect(client().createExperiment("")).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    await expect(client().setExperimentTag("0", "k", "x".repeat(20_001))).rejects.toMatchObject({
      attempts: 0,
    });
  });
}
