import { MlflowClient, optionsFromEnv } from "@isthmus/mlflow-js-client";
import { findCachedMlflow, findMlflow, findPython } from "@isthmus/mlflow-js-client/server";
import { mlflowCacheDir } from "../tracking/index.js";
import type { Check } from "./check.js";

/** How long a tracking server may take to answer, in milliseconds. */
const PATIENCE = 5000;

/** The tracking server that the environment names, where it names one. */
async function checkServer(env: NodeJS.ProcessEnv): Promise<Check> {
  const uri = env.MLFLOW_TRACKING_URI;
  if (!uri) {
    return {
      name: "tracking",
      status: "note",
      message: "no server (MLFLOW_TRACKING_URI is not set); runs are kept in the project's journal",
      fix: "To see them in MLflow: isthmus ui",
    };
  }
  try {
    const client = new MlflowClient({ ...optionsFromEnv(env), timeoutMs: PATIENCE, maxRetries: 0 });
    try {
      return { name: "tracking", status: "ok", message: `${uri} answers: MLflow ${await client.version()}` };
    } finally {
      await client.close();
    }
  } catch (error) {
    return {
      name: "tracking",
      status: "warning",
      message: `${uri} does not answer as it should: ${(error as Error).message}`,
      fix: "Start the server or correct MLFLOW_TRACKING_URI. Runs lose nothing: isthmus sync sends them later.",
    };
  }
}

/** What is there to start a server of one's own. */
async function checkPrograms(env: NodeJS.ProcessEnv): Promise<Check> {
  const mlflow = (await findMlflow(env)) ?? (await findCachedMlflow({ cacheDir: mlflowCacheDir() }));
  if (mlflow !== undefined) {
    return { name: "mlflow", status: "ok", message: `${mlflow.version} (${mlflow.command})` };
  }
  try {
    const python = await findPython(env);
    return {
      name: "mlflow",
      status: "note",
      message: `not installed; isthmus ui installs it with ${python}`,
    };
  } catch (error) {
    return {
      name: "mlflow",
      status: "warning",
      message: `neither mlflow nor a Python to install it with: ${(error as Error).message}`,
      fix: "Install Python 3.10 or newer with its venv module, or set MLFLOW_TRACKING_URI to a running server.",
    };
  }
}

/** Where runs can be looked at. */
export async function checkMlflow(env: NodeJS.ProcessEnv): Promise<readonly Check[]> {
  return Promise.all([checkServer(env), checkPrograms(env)]);
}
