import type { Experiment } from "@isthmus/mlflow-js-client";
import { comparisonView } from "./comparison-view.js";
import type { Cursor, KnownExperiment } from "./cursor.js";
import type { Destination } from "./deliver-chunk.js";
import { isRefusal } from "./refusal.js";
import type { ServerTarget } from "./server-target.js";

/** Experiments hold trained models; the web pages may use this to show the right mode. */
const EXPERIMENT_TAGS = { "mlflow.experimentKind": "custom_model_development" };

/** The server's id of the experiment of this name: known, found, restored if it was deleted, or created. */
export async function experimentId(name: string, { target, cursor, signal }: Destination): Promise<string> {
  const known = cursor.experiments.get(name);
  const experiment =
    known ?? knownOf(await target.client.getOrCreateExperiment(name, { tags: EXPERIMENT_TAGS }, { signal }));
  cursor.experiments.set(name, experiment);
  await publishOnce(experiment.id, target, signal);
  return experiment.id;
}

/** Publishes the saved view, once per process. A page to look at is never a reason to hold back data. */
async function publishOnce(
  id: string,
  { client, published }: ServerTarget,
  signal: AbortSignal,
): Promise<void> {
  if (published.has(id)) return;
  try {
    await client.publishView(id, comparisonView, { signal });
    published.add(id);
  } catch (error) {
    if (isRefusal(error)) published.add(id);
  }
}

function knownOf({ experimentId: id, creationTime }: Experiment): KnownExperiment {
  return creationTime === undefined ? { id } : { id, creationTime };
}

/**
 * Whether the server still is the one that the cursor speaks of: another store may be served at its address by now. Asks once per
 * experiment and process.
 */
export async function isSameStore(
  cursor: Cursor,
  target: ServerTarget,
  signal: AbortSignal,
): Promise<boolean> {
  for (const { id, creationTime } of cursor.experiments.values()) {
    if (!target.seen.has(id)) target.seen.set(id, await experimentById(id, target, signal));
    const found = target.seen.get(id);
    if (found === undefined || found.creationTime !== creationTime) return false;
  }
  return true;
}

async function experimentById(
  id: string,
  { client }: ServerTarget,
  signal: AbortSignal,
): Promise<Experiment | undefined> {
  try {
    return await client.getExperiment(id, { signal });
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/** Restores the experiments of a cursor that were deleted, since there is something to send to them. */
export async function restoreExperiments(
  cursor: Cursor,
  { client, seen }: ServerTarget,
  signal: AbortSignal,
): Promise<void> {
  for (const { id } of cursor.experiments.values()) {
    if (seen.get(id)?.lifecycleStage !== "deleted") continue;
    await client.restoreExperiment(id, { signal });
    seen.delete(id);
  }
}

/** Addresses of the comparison of each experiment in a cursor. */
export function comparisonLinks({ client }: ServerTarget, cursor: Cursor): readonly string[] {
  return [...cursor.experiments.values()].map(({ id }) =>
    client.experimentUrl(id, { view: comparisonView.id, mode: "chart" }),
  );
}
