import { readJournal } from "@isthmus/core/node";
import type { Metric, MlflowClient, Run } from "@isthmus/mlflow-js-client";
import { UID_TAG } from "../server-target.js";
import type { SyncReport } from "../sync-journals.js";
import { lossAt, type Sample } from "./sample-journal.js";

/** Runs of an experiment, deleted ones included. */
export async function runsOf(client: MlflowClient, experiment: string): Promise<readonly Run[]> {
  const found = await client.getExperimentByName(experiment);
  if (found === undefined) return [];
  return (await client.searchRunsPage({ experimentIds: [found.experimentId], viewType: "ALL" })).items;
}

/** The only run of this uid; two are an error. */
export async function runOf(client: MlflowClient, experiment: string, uid: string): Promise<Run> {
  const [run, second] = (await runsOf(client, experiment)).filter(({ tags }) => tags[UID_TAG] === uid);
  if (run !== undefined && second === undefined) return run;
  throw new Error(`There ${run === undefined ? "is no run" : "are two runs"} with the uid ${uid}.`);
}

/** Every point of a metric. */
export async function history(client: MlflowClient, run: Run, key: string): Promise<readonly Metric[]> {
  const points: Metric[] = [];
  for await (const point of client.metricHistory(run.runId, key)) points.push(point);
  return points;
}

/** What of a sample is on the server: each run, each point, each artifact, as often as it is there. */
export async function storedSample(client: MlflowClient, { experiment, parent, children }: Sample) {
  const runs = await runsOf(client, experiment);
  const top = await runOf(client, experiment, parent);
  const recipe = await client.downloadArtifact(top.runId, "recipe.yaml");
  const artifacts = await client.listArtifacts(top.runId, undefined, { recursive: true });
  const networks = [];
  for (const uid of children) {
    const run = await runOf(client, experiment, uid);
    networks.push({
      status: run.status,
      belongs: run.tags["mlflow.parentRunId"] === top.runId,
      losses: (await history(client, run, "train/loss")).map(({ step, value }) => [step, value]),
      results: (await history(client, run, "test/accuracy")).length,
    });
  }
  return {
    runs: runs.length,
    status: top.status,
    recipe: Buffer.from(recipe).toString(),
    artifacts: artifacts.map(({ path }) => path),
    networks,
  };
}

/** What {@link storedSample} is to give, once everything is on the server. */
export function wholeSample({ children, epochs }: Sample) {
  const epochsOf = (network: number) =>
    Array.from({ length: epochs }, (_, e) => [e + 1, lossAt(network, e + 1)]);
  return {
    runs: children.length + 1,
    status: "FINISHED",
    recipe: "name: sample\n",
    artifacts: ["figures/plan/0.txt", "recipe.yaml"],
    networks: children.map((_, index) => ({
      status: "FINISHED",
      belongs: true,
      losses: epochsOf(index),
      results: 1,
    })),
  };
}

/** Sent, refused and pending of each journal. */
export function totals({ outcomes }: SyncReport): readonly (readonly number[])[] {
  return outcomes.map(({ sent, refused, pending }) => [sent, refused, pending]);
}

/** Number of events in a journal. */
export function eventsIn(journal: string): number {
  return [...readJournal(journal)].length;
}
