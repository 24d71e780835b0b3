import type { DatasetInput, RunStart } from "@isthmus/core";
import type { JournalEvent } from "@isthmus/core/node";
import type { LogBatch } from "@isthmus/mlflow-js-client";
import type { Chunk, LogPart, RunWork } from "./chunks.js";
import type { Cursor } from "./cursor.js";
import { experimentId } from "./experiments.js";
import { describeFailure, isRefusal } from "./refusal.js";
import type { Refused } from "./rejected-file.js";
import type { ServerTarget } from "./server-target.js";

/** Where a chunk goes and what is known of the place. */
export interface Destination {
  readonly target: ServerTarget;
  /** Experiments and runs are added as they become known. */
  readonly cursor: Cursor;
  readonly signal: AbortSignal;
}

/**
 * Sends a chunk. Doing so again, after a failure in the middle, changes nothing on the server: runs are looked for by uid, points
 * have their times, parameters are equal, artifacts are overwritten.
 *
 * @returns what the server refused for good
 * @throws whatever kept the chunk from reaching the server
 */
export async function deliverChunk(chunk: Chunk, destination: Destination): Promise<readonly Refused[]> {
  const refused: Refused[] = [];
  for (const work of chunk.work) await new RunDelivery(work, destination, refused).deliver();
  return refused;
}

/** Sends the work on one run. */
class RunDelivery {
  readonly #work: RunWork;
  readonly #to: Destination;
  readonly #refused: Refused[];
  #checked = false;

  constructor(work: RunWork, destination: Destination, refused: Refused[]) {
    this.#work = work;
    this.#to = destination;
    this.#refused = refused;
  }

  async deliver(): Promise<void> {
    const { uid, start, parts, artifacts, end } = this.#work;
    if (start !== undefined) {
      await this.#orRefuse({ type: "start", run: start }, () => this.#begin(start));
    }
    await this.#log(parts);
    if (start !== undefined && start.datasets.length > 0) {
      const datasets = start.datasets.map(inputOf);
      await this.#send({ type: "start", run: start }, (id, call) =>
        this.#client.logInputs(id, datasets, call),
      );
    }
    for (const { file, path } of artifacts) {
      await this.#send({ type: "artifact", uid, file, path }, (id, call) =>
        this.#client.uploadArtifactFile(id, file, serverPath(path), call),
      );
    }
    if (end !== undefined) {
      await this.#send({ type: "end", uid, ...end }, (id, call) => this.#client.updateRun(id, end, call));
    }
  }

  get #client() {
    return this.#to.target.client;
  }

  /** Finds or creates the run. Only what cannot be refused is given with it; the rest is logged, part by part if need be. */
  async #begin({ uid, parent, experiment, name, startTime }: RunStart): Promise<void> {
    const { cursor, signal } = this.#to;
    const above = parent === undefined ? undefined : cursor.runs.get(parent);
    const tags: Record<string, string> =
      above !== undefined && "id" in above ? { "mlflow.parentRunId": above.id } : {};
    const run = await this.#client.findOrCreateRun(
      { experimentId: await experimentId(experiment, this.#to), uid, name, startTime, tags },
      { signal },
    );
    cursor.runs.set(
      uid,
      run.lifecycleStage === "active"
        ? { id: run.runId }
        : { refused: "The run was deleted on the server; restore it there to have more." },
    );
  }

  /** Logs parts in one batch; where that is refused, halves it until the culprits are found. */
  async #log(parts: readonly LogPart[]): Promise<void> {
    if (parts.length === 0) return;
    const run = this.#to.cursor.runs.get(this.#work.uid);
    if (run === undefined || "refused" in run) {
      for (const part of parts) this.#refuse(part, run?.refused ?? UNKNOWN_RUN);
      return;
    }
    try {
      await this.#client.logBatch(run.id, batchOf(parts), { signal: this.#to.signal });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (!this.#checked) await this.#checkRun(run.id);
      const [only, ...more] = parts;
      if (only !== undefined && more.length === 0) return this.#refuse(only, describeFailure(error));
      const middle = parts.length >> 1;
      await this.#log(parts.slice(0, middle));
      await this.#log(parts.slice(middle));
    }
  }

  /** Sees whether a run that refuses something is there at all, lest each of its parts be tried alone. */
  async #checkRun(id: string): Promise<void> {
    this.#checked = true;
    try {
      const { lifecycleStage } = await this.#client.getRun(id, { signal: this.#to.signal });
      if (lifecycleStage === "active") return;
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
    this.#to.cursor.runs.set(this.#work.uid, { refused: "The run was deleted on the server." });
  }

  /** Sends something that is taken or refused as a whole. */
  async #send(
    event: JournalEvent,
    send: (runId: string, call: { signal: AbortSignal }) => Promise<void>,
  ): Promise<void> {
    const run = this.#to.cursor.runs.get(this.#work.uid);
    if (run === undefined || "refused" in run) return this.#refuse(event, run?.refused ?? UNKNOWN_RUN);
    await this.#orRefuse(event, () => send(run.id, { signal: this.#to.signal }));
  }

  async #orRefuse(event: JournalEvent, send: () => Promise<void>): Promise<void> {
    try {
      await send();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const message = describeFailure(error);
      if (!this.#to.cursor.runs.has(this.#work.uid))
        this.#to.cursor.runs.set(this.#work.uid, { refused: `The run could not be created: ${message}` });
      this.#refuse(event, message);
    }
  }

  #refuse(what: JournalEvent | LogPart, message: string): void {
    this.#refused.push({ message, uid: this.#work.uid, what });
  }
}

const UNKNOWN_RUN = "The journal does not hold the run's start.";

function batchOf(parts: readonly LogPart[]): LogBatch {
  const params: Record<string, string> = {};
  const tags: Record<string, string> = {};
  for (const part of parts) {
    if (part.type === "param") params[part.key] = part.value;
    if (part.type === "tag") tags[part.key] = part.value;
  }
  return { params, tags, metrics: parts.flatMap((part) => (part.type === "metric" ? [part.point] : [])) };
}

/** A path as the server can hold it: it has no names with `%2F` and the like, so folders stand for what they encode. */
function serverPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function inputOf({ name, digest, context, source, profile }: DatasetInput) {
  return { name, digest, context, source, sourceType: "code", profile };
}
