import { Artifacts } from "./artifacts.js";
import { type DatasetInput, logInputs } from "./datasets.js";
import type { TextValue } from "./encode.js";
import { type Env, optionsFromEnv } from "./env.js";
import * as experiments from "./experiments.js";
import { Http } from "./http.js";
import { checkKey } from "./keys.js";
import { type ExperimentUrlOptions, experimentUrl, runUrl } from "./links.js";
import * as logging from "./logging.js";
import {
  type CallOptions,
  DEFAULT_UID_TAG,
  invalidConfiguration,
  type MlflowClientOptions,
} from "./options.js";
import { allPages, type Page } from "./paging.js";
import * as runs from "./runs.js";
import * as info from "./server-info.js";
import type { ArtifactInfo, Experiment, Metric, Run, ServerInfo } from "./types.js";
import type { SavedView } from "./view-state.js";
import { type PublishOutcome, publishView } from "./views.js";

/**
 * A client of one MLflow tracking server.
 *
 * Every call takes an `AbortSignal`, retries what may be retried, and rejects with an `MlflowError`. Values are
 * checked before they are sent, because the server stores wrong types as zeros and answers 200.
 *
 * @example
 * ```ts
 * const client = new MlflowClient({ trackingUri: "http://127.0.0.1:5000" });
 * const experiment = await client.getOrCreateExperiment("mnist");
 * const run = await client.createRun({ experimentId: experiment.experimentId, name: "first try" });
 * await client.logBatch(run.runId, { params: { lr: 0.1 }, metrics: [{ key: "train/loss", value: 0.5, step: 1 }] });
 * await client.updateRun(run.runId, { status: "FINISHED" });
 * console.log(client.runUrl(run.experimentId, run.runId));
 * ```
 */
export class MlflowClient {
  readonly #http: Http;
  readonly #artifacts: Artifacts;
  readonly #uidTag: string;
  readonly #experimentName: string | undefined;
  readonly #experimentId: string | undefined;

  /** @throws MlflowError `INVALID_CONFIGURATION` when the options cannot work. Nothing is sent yet. */
  constructor(options: MlflowClientOptions) {
    this.#http = new Http(options);
    this.#artifacts = new Artifacts(this.#http);
    this.#uidTag = options.uidTag ?? DEFAULT_UID_TAG;
    checkKey("tag", this.#uidTag);
    this.#experimentName = options.experimentName;
    this.#experimentId = options.experimentId;
  }

  /** A client from MLflow's environment variables and `~/.mlflow/credentials`; `more` wins over them. */
  static fromEnv(env: Env = process.env, more: Partial<MlflowClientOptions> = {}): MlflowClient {
    const trackingUri = more.trackingUri ?? env.MLFLOW_TRACKING_URI;
    return new MlflowClient({ ...optionsFromEnv({ ...env, MLFLOW_TRACKING_URI: trackingUri }), ...more });
  }

  /** Address of the server, without credentials or a trailing slash. */
  get trackingUri(): string {
    return this.#http.base;
  }

  /** Waits for calls under way and closes the connections. Not needed for a program to end. */
  close(): Promise<void> {
    return this.#http.close();
  }

  /** Whether the server answers that it is well; asks once and never throws for a server that is not there. */
  health(call?: CallOptions): Promise<boolean> {
    return info.health(this.#http, call);
  }

  /** The server's MLflow release, for example `3.17.2`. */
  version(call?: CallOptions): Promise<string> {
    return info.version(this.#http, call);
  }

  /** What the server can do; `undefined` from servers too old to say. */
  serverInfo(call?: CallOptions): Promise<ServerInfo | undefined> {
    return info.serverInfo(this.#http, call);
  }

  /** Creates an experiment and answers its id. A name in use, even by a deleted one, is `RESOURCE_ALREADY_EXISTS`. */
  createExperiment(
    name: string,
    options: experiments.CreateExperimentOptions = {},
    call?: CallOptions,
  ): Promise<string> {
    return experiments.createExperiment(this.#http, name, options, call);
  }

  /** An experiment by id, deleted ones included. */
  getExperiment(experimentId: string, call?: CallOptions): Promise<Experiment> {
    return experiments.getExperiment(this.#http, experimentId, call);
  }

  /** An experiment by name, deleted ones included; `undefined` when there is none. */
  getExperimentByName(name: string, call?: CallOptions): Promise<Experiment | undefined> {
    return experiments.getExperimentByName(this.#http, name, call);
  }

  /**
   * The active experiment of this name: found, created with `options`, or, if it was deleted, restored together with
   * its runs. Any number of processes may call this at once.
   */
  getOrCreateExperiment(
    name: string,
    options: experiments.CreateExperimentOptions = {},
    call?: CallOptions,
  ): Promise<Experiment> {
    return experiments.getOrCreateExperiment(this.#http, name, options, call);
  }

  /**
   * The experiment that the options or `MLFLOW_EXPERIMENT_NAME` (created if missing) and `MLFLOW_EXPERIMENT_ID` name,
   * else the server's own `Default`.
   *
   * @throws MlflowError `INVALID_CONFIGURATION` when name and id disagree.
   */
  async defaultExperiment(call?: CallOptions): Promise<Experiment> {
    const id = this.#experimentId;
    if (this.#experimentName === undefined) return this.getExperiment(id ?? "0", call);
    const experiment = await this.getOrCreateExperiment(this.#experimentName, {}, call);
    if (id === undefined || experiment.experimentId === id) return experiment;
    throw invalidConfiguration(
      `The experiment "${experiment.name}" has the id ${experiment.experimentId}, not ${id}.`,
      "Set only one of MLFLOW_EXPERIMENT_NAME and MLFLOW_EXPERIMENT_ID.",
    );
  }

  /** All experiments that match, page by page as they are reached. */
  searchExperiments(
    options: experiments.SearchExperimentsOptions = {},
    call?: CallOptions,
  ): AsyncGenerator<Experiment, void> {
    return allPages((token) => this.searchExperimentsPage(options, token, call));
  }

  /** One page of the experiments that match. */
  searchExperimentsPage(
    options: experiments.SearchExperimentsOptions = {},
    pageToken?: string,
    call?: CallOptions,
  ): Promise<Page<Experiment>> {
    return experiments.searchExperimentsPage(this.#http, options, pageToken, call);
  }

  /** Gives an active experiment another name. */
  renameExperiment(experimentId: string, newName: string, call?: CallOptions): Promise<void> {
    return experiments.renameExperiment(this.#http, experimentId, newName, call);
  }

  /** Marks an experiment and its runs as deleted. */
  deleteExperiment(experimentId: string, call?: CallOptions): Promise<void> {
    return experiments.deleteExperiment(this.#http, experimentId, call);
  }

  /** Brings a deleted experiment and its runs back. */
  restoreExperiment(experimentId: string, call?: CallOptions): Promise<void> {
    return experiments.restoreExperiment(this.#http, experimentId, call);
  }

  /** Sets a tag of at most 20 000 characters. */
  setExperimentTag(experimentId: string, key: string, value: TextValue, call?: CallOptions): Promise<void> {
    return experiments.setExperimentTag(this.#http, experimentId, key, value, call);
  }

  /** Removes a tag; one that is not there is `RESOURCE_DOES_NOT_EXIST`. */
  deleteExperimentTag(experimentId: string, key: string, call?: CallOptions): Promise<void> {
    return experiments.deleteExperimentTag(this.#http, experimentId, key, call);
  }

  /**
   * Starts a run. Give a `uid` to make this safe against lost answers: before it is sent again, the client looks for a
   * run with that id. Without one it is not sent again unless the server surely did nothing.
   */
  createRun(options: runs.CreateRunOptions, call?: CallOptions): Promise<Run> {
    return runs.createRun(this.#http, this.#uidTag, options, call);
  }

  /** Like `createRun`, but looks for a run with this `uid` before the first attempt too. It may be a deleted one. */
  async findOrCreateRun(
    options: runs.CreateRunOptions & { readonly uid: string },
    call?: CallOptions,
  ): Promise<Run> {
    const found = await this.findRunByUid(options.experimentId, options.uid, call);
    return found ?? this.createRun(options, call);
  }

  /** The run that was created with this client-made id, deleted ones included. */
  findRunByUid(experimentId: string, uid: string, call?: CallOptions): Promise<Run | undefined> {
    return runs.findRunByUid(this.#http, this.#uidTag, experimentId, uid, call);
  }

  /** A run by id, deleted ones included. */
  getRun(runId: string, call?: CallOptions): Promise<Run> {
    return runs.getRun(this.#http, runId, call);
  }

  /** Changes status, end and name; a final status without `endTime` ends the run now. A run may be reopened. */
  updateRun(runId: string, options: runs.UpdateRunOptions, call?: CallOptions): Promise<void> {
    return runs.updateRun(this.#http, runId, options, call);
  }

  /** All runs that match, page by page as they are reached. */
  searchRuns(options: runs.SearchRunsOptions, call?: CallOptions): AsyncGenerator<Run, void> {
    return allPages((token) => this.searchRunsPage(options, token, call));
  }

  /** One page of the runs that match. */
  searchRunsPage(
    options: runs.SearchRunsOptions,
    pageToken?: string,
    call?: CallOptions,
  ): Promise<Page<Run>> {
    return runs.searchRunsPage(this.#http, options, pageToken, call);
  }

  /** Marks a run as deleted. */
  deleteRun(runId: string, call?: CallOptions): Promise<void> {
    return runs.deleteRun(this.#http, runId, call);
  }

  /** Brings a deleted run back. */
  restoreRun(runId: string, call?: CallOptions): Promise<void> {
    return runs.restoreRun(this.#http, runId, call);
  }

  /** Sets a run's tag, of at most 8 000 characters. */
  setTag(runId: string, key: string, value: TextValue, call?: CallOptions): Promise<void> {
    return runs.setTag(this.#http, runId, key, value, call);
  }

  /** Removes a run's tag; one that is not there is `RESOURCE_DOES_NOT_EXIST`. */
  deleteTag(runId: string, key: string, call?: CallOptions): Promise<void> {
    return runs.deleteTag(this.#http, runId, key, call);
  }

  /**
   * Logs any number of metrics, parameters and tags, in as few requests as the server's limits allow. Sending the
   * same batch again does no harm (SQL stores keep equal points once), provided its points carry their timestamps.
   */
  logBatch(runId: string, batch: logging.LogBatch, call?: CallOptions): Promise<void> {
    return logging.logBatch(this.#http, runId, batch, call);
  }

  /** Logs one value of a metric. For more than a few a second use `logBatch`. */
  logMetric(
    runId: string,
    key: string,
    value: number,
    options: logging.LogMetricOptions = {},
  ): Promise<void> {
    return logging.logMetric(this.#http, runId, key, value, options);
  }

  /** Logs a parameter, of at most 6 000 characters; a different value later is refused. */
  logParam(runId: string, key: string, value: TextValue, call?: CallOptions): Promise<void> {
    return logging.logParam(this.#http, runId, key, value, call);
  }

  /** Every value of a metric, by time and step; nothing for an unknown metric. */
  metricHistory(
    runId: string,
    key: string,
    options: { readonly pageSize?: number } = {},
    call?: CallOptions,
  ): AsyncGenerator<Metric, void> {
    return allPages((token) => this.metricHistoryPage(runId, key, options, token, call));
  }

  /** One page of a metric's values; 10 000 unless told otherwise. */
  metricHistoryPage(
    runId: string,
    key: string,
    options: { readonly pageSize?: number } = {},
    pageToken?: string,
    call?: CallOptions,
  ): Promise<Page<Metric>> {
    return logging.metricHistoryPage(this.#http, runId, key, options, pageToken, call);
  }

  /** Notes which data sets a run used. */
  logInputs(runId: string, datasets: readonly DatasetInput[], call?: CallOptions): Promise<void> {
    return logInputs(this.#http, runId, datasets, call);
  }

  /** Stores bytes or text as an artifact; an existing one is replaced. */
  uploadArtifact(runId: string, path: string, data: Uint8Array | string, call?: CallOptions): Promise<void> {
    return this.#artifacts.upload(runId, path, data, call);
  }

  /** Stores a local file as an artifact, as a stream; default path: its name. */
  uploadArtifactFile(runId: string, localFile: string, path?: string, call?: CallOptions): Promise<void> {
    return this.#artifacts.uploadFile(runId, localFile, path, call);
  }

  /** Stores the files of a local folder, with its subfolders, below `path` (default: the root); answers their paths. */
  uploadArtifactDirectory(
    runId: string,
    localFolder: string,
    path?: string,
    call?: CallOptions,
  ): Promise<string[]> {
    return this.#artifacts.uploadDirectory(runId, localFolder, path, call);
  }

  /** Artifacts below `path` (default: the root): one level, or with `recursive` the files of all levels. */
  listArtifacts(
    runId: string,
    path?: string,
    options?: CallOptions & { readonly recursive?: boolean },
  ): Promise<ArtifactInfo[]> {
    return this.#artifacts.list(runId, path, options);
  }

  /** The bytes of an artifact. */
  downloadArtifact(runId: string, path: string, call?: CallOptions): Promise<Uint8Array> {
    return this.#artifacts.download(runId, path, call);
  }

  /** Writes an artifact to a local file, as a stream. */
  downloadArtifactTo(runId: string, path: string, localFile: string, call?: CallOptions): Promise<void> {
    return this.#artifacts.downloadTo(runId, path, localFile, call);
  }

  /** Publishes a saved view; `kept` means that a person has changed it in the web pages, so it was left alone. */
  publishView(experimentId: string, view: SavedView, call?: CallOptions): Promise<PublishOutcome> {
    return publishView(this.#http, experimentId, view, call);
  }

  /** Address of an experiment's runs in the web pages, if wished with a saved view. */
  experimentUrl(experimentId: string, options?: ExperimentUrlOptions): string {
    return experimentUrl(this.#http.base, experimentId, options);
  }

  /** Address of a run in the web pages. */
  runUrl(experimentId: string, runId: string): string {
    return runUrl(this.#http.base, experimentId, runId);
  }
}
