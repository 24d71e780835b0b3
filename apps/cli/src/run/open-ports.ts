import { hostDatasets, type RunPorts, useBackend } from "@isthmus/core";
import {
  systemClock as clock,
  FileCodeDigest,
  FileStore,
  openHost,
  type WorkerRunner,
  workerRunner,
} from "@isthmus/core/node";
import { dataProgress } from "../progress/data-progress.js";
import { type DataPlaces, dataFiles, describeEnvironment, type Project } from "../project.js";
import { thisMachine, workerCount } from "./worker-count.js";

/** With what a run computes. */
export interface ComputeRequest {
  readonly data: DataPlaces;
  readonly backend: string;
  /** Threads per step that are asked for. */
  readonly threads: number;
}

/** With what a run of many steps computes. */
export interface ParallelRequest extends ComputeRequest {
  /** Worker processes that are asked for; undefined: as many as there is room for. */
  readonly workers: number | undefined;
}

/** Everything that running a plan in a project needs. */
export async function openPorts(
  { root, kept }: Project,
  request: ComputeRequest,
  { signal, remark }: { readonly signal: AbortSignal; readonly remark: (text: string) => void },
) {
  const { data, backend, threads } = request;
  const host = await openHost(root);
  const engine = await useBackend(backend, { threads });
  const datasets = hostDatasets(host, {
    files: dataFiles(data),
    signal,
    remark,
    progress: dataProgress(remark, clock),
  });
  const store = new FileStore(kept);
  const environment = await describeEnvironment(root);
  const code = new FileCodeDigest(host);
  return { host, engine, datasets, store, environment, code, clock };
}

/**
 * The processes that compute the steps of a run; undefined where this one does. Close them in the end.
 *
 * @throws `cli/too-many-workers`
 */
export function openWorkers(
  { root, kept }: Project,
  { data, threads: asked, workers: askedWorkers }: ParallelRequest,
  { engine, environment }: RunPorts,
  remark: (text: string) => void,
): WorkerRunner | undefined {
  const { backend, threads, version } = engine;
  if (threads < asked) remark(`The backend ${backend} computes a step with ${threads} thread, not ${asked}.`);
  const { workers, remark: text } = workerCount({ asked: askedWorkers, backend, threads }, thisMachine());
  if (text !== undefined) remark(text);
  if (workers === 1) return undefined;
  const setup = { project: root, kept, data, engine: { backend, threads, version }, environment };
  return workerRunner(setup, workers);
}
