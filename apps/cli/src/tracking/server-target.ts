import { createHash } from "node:crypto";
import { type Env, type Experiment, MlflowClient } from "@isthmus/mlflow-js-client";

/** Tag that holds the `uid` of a run's start. */
export const UID_TAG = "isthmus.uid";

/** A tracking server, as those who send journals to it see it. */
export interface ServerTarget {
  readonly client: MlflowClient;
  /** Names the server in file names. */
  readonly key: string;
  /** Ids of experiments whose saved view was published by this process. */
  readonly published: Set<string>;
  /** Experiments as last seen by this process, by id; forgotten when the server fails, since another may come back. */
  readonly seen: Map<string, Experiment | undefined>;
}

/** A name of the server at `base` for file names: its host, and a digest of the whole address. */
export function serverKey(base: string): string {
  const digest = createHash("sha256").update(base).digest("hex").slice(0, 8);
  return `${new URL(base).host.replace(/[^a-zA-Z0-9.]+/g, "-")}-${digest}`;
}

/**
 * Prepares to send to a server; nothing is sent yet. Requests are not repeated by the client: whoever sends a journal decides when
 * to try again, and looks for a run by its uid first.
 *
 * @param key where one store is served at changing addresses: a name of its own
 * @throws MlflowError `INVALID_CONFIGURATION`
 */
export function serverTarget(trackingUri: string, env: Env, key?: string): ServerTarget {
  const client = MlflowClient.fromEnv(env, { trackingUri, uidTag: UID_TAG, maxRetries: 0 });
  return { client, key: key ?? serverKey(client.trackingUri), published: new Set(), seen: new Map() };
}
