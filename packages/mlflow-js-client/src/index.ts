export { BATCH_LIMITS } from "./batch.js";
export { MlflowClient } from "./client.js";
export type { DatasetInput, JsonText } from "./datasets.js";
export {
  MAX_EXPERIMENT_TAG_LENGTH,
  MAX_PARAM_LENGTH,
  MAX_RUN_TAG_LENGTH,
  type MetricPoint,
  type TextValue,
  type TextValues,
} from "./encode.js";
export { type Env, optionsFromEnv } from "./env.js";
export { MlflowError, type MlflowErrorDetails } from "./error.js";
export type { CreateExperimentOptions, SearchExperimentsOptions } from "./experiments.js";
export { keyProblem, MAX_KEY_LENGTH } from "./keys.js";
export { type ExperimentUrlOptions, experimentUrl, runUrl } from "./links.js";
export type { LogBatch, LogMetricOptions } from "./logging.js";
export {
  type CallOptions,
  DEFAULT_UID_TAG,
  type MlflowAuth,
  type MlflowClientOptions,
  type TlsOptions,
} from "./options.js";
export type { Page } from "./paging.js";
export type { CreateRunOptions, SearchRunsOptions, UpdateRunOptions } from "./runs.js";
export type {
  ArtifactInfo,
  Dataset,
  Experiment,
  LifecycleStage,
  Metric,
  Run,
  RunStatus,
  ServerInfo,
  ViewType,
} from "./types.js";
export {
  attributeColumn,
  metricColumn,
  paramColumn,
  type SavedView,
  tagColumn,
  type ViewChart,
  viewState,
} from "./view-state.js";
export { type PublishOutcome, type ViewTag, type ViewTimes, viewTag } from "./views.js";
