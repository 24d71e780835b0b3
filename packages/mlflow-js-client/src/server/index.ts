export { MlflowError } from "../error.js";
export { defaultCacheDir } from "./cache-dir.js";
export {
  type EnsureMlflowOptions,
  ensureMlflow,
  findCachedMlflow,
  type MlflowInstallation,
} from "./ensure-mlflow.js";
export { findMlflow } from "./find-mlflow.js";
export { findPython } from "./python.js";
export { type MlflowServer, type StartServerOptions, sqliteUri, startMlflowServer } from "./start-server.js";
export { MLFLOW_VERSION } from "./version.js";
