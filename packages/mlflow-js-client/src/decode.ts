import type { Json } from "./http.js";
import type { Page } from "./paging.js";
import type { ArtifactInfo, Dataset, Experiment, LifecycleStage, Metric, Run, RunStatus } from "./types.js";

/** The object in a field; the server leaves out empty ones. */
export function objectIn(json: Json, field: string): Json {
  const value = json[field];
  return typeof value === "object" && value !== null ? (value as Json) : {};
}

/** The objects in a list field; the server leaves out empty lists. */
export function listIn(json: Json, field: string): readonly Json[] {
  const value = json[field];
  return Array.isArray(value) ? (value as Json[]) : [];
}

/** The text in a field; the server leaves out empty texts. */
export function textIn(json: Json, field: string): string {
  const value = json[field];
  return value === undefined || value === null ? "" : String(value);
}

/** A page of `field`, each entry decoded. */
export function pageIn<T>(json: Json, field: string, decode: (entry: Json) => T): Page<T> {
  return {
    items: listIn(json, field).map(decode),
    nextPageToken: textIn(json, "next_page_token") || undefined,
  };
}

/** An experiment from the server's form. */
export function decodeExperiment(json: Json): Experiment {
  return {
    experimentId: textIn(json, "experiment_id"),
    name: textIn(json, "name"),
    artifactLocation: textIn(json, "artifact_location"),
    lifecycleStage: lifecycleIn(json),
    creationTime: numberIn(json, "creation_time"),
    lastUpdateTime: numberIn(json, "last_update_time"),
    tags: entriesIn(json, "tags"),
  };
}

/** A run from the server's form. */
export function decodeRun(json: Json): Run {
  const info = objectIn(json, "info");
  const data = objectIn(json, "data");
  return {
    runId: textIn(info, "run_id"),
    experimentId: textIn(info, "experiment_id"),
    name: textIn(info, "run_name"),
    status: (textIn(info, "status") || "RUNNING") as RunStatus,
    startTime: numberIn(info, "start_time") ?? 0,
    endTime: numberIn(info, "end_time"),
    user: textIn(info, "user_id"),
    artifactUri: textIn(info, "artifact_uri"),
    lifecycleStage: lifecycleIn(info),
    metrics: Object.fromEntries(
      listIn(data, "metrics").map((entry) => [textIn(entry, "key"), decodeMetric(entry)]),
    ),
    params: entriesIn(data, "params"),
    tags: entriesIn(data, "tags"),
    datasets: listIn(objectIn(json, "inputs"), "dataset_inputs").map(decodeDataset),
  };
}

/** A metric from the server's form, where NaN is a word. */
export function decodeMetric(json: Json): Metric {
  return {
    key: textIn(json, "key"),
    value: Number(json.value ?? 0),
    step: numberIn(json, "step") ?? 0,
    timestamp: numberIn(json, "timestamp") ?? 0,
  };
}

/** A listed file or folder. */
export function decodeArtifact(json: Json): ArtifactInfo {
  return {
    path: textIn(json, "path"),
    isDirectory: json.is_dir === true,
    size: numberIn(json, "file_size") ?? 0,
  };
}

function decodeDataset(json: Json): Dataset {
  const dataset = objectIn(json, "dataset");
  return {
    name: textIn(dataset, "name"),
    digest: textIn(dataset, "digest"),
    sourceType: textIn(dataset, "source_type"),
    source: textIn(dataset, "source"),
    schema: textIn(dataset, "schema") || undefined,
    profile: textIn(dataset, "profile") || undefined,
    tags: entriesIn(json, "tags"),
  };
}

function lifecycleIn(json: Json): LifecycleStage {
  return json.lifecycle_stage === "deleted" ? "deleted" : "active";
}

function numberIn(json: Json, field: string): number | undefined {
  const value = json[field];
  return value === undefined || value === null ? undefined : Number(value);
}

function entriesIn(json: Json, field: string): Record<string, string> {
  return Object.fromEntries(
    listIn(json, field).map((entry) => [textIn(entry, "key"), textIn(entry, "value")]),
  );
}
