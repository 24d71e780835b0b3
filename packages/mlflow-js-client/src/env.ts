import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import {
  invalidConfiguration,
  type MlflowAuth,
  type MlflowClientOptions,
  type TlsOptions,
} from "./options.js";

/** Environment variables by name. */
export type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads a client's options from MLflow's environment variables and from `~/.mlflow/credentials`
 * (the README lists them). Variables win over the file; name and password win over a token.
 *
 * @throws MlflowError `INVALID_CONFIGURATION` when `MLFLOW_TRACKING_URI` is missing or a value makes no sense.
 */
export function optionsFromEnv(env: Env, home: string = homedir()): MlflowClientOptions {
  const trackingUri = env.MLFLOW_TRACKING_URI;
  if (!trackingUri) {
    throw invalidConfiguration(
      "MLFLOW_TRACKING_URI is not set.",
      "Set it to the tracking server's address, such as http://127.0.0.1:5000.",
    );
  }
  const timeout = numberFrom(env, "MLFLOW_HTTP_REQUEST_TIMEOUT");
  const maxRetries = numberFrom(env, "MLFLOW_HTTP_REQUEST_MAX_RETRIES");
  const backoffFactor = numberFrom(env, "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR");
  const respectRetryAfter = booleanFrom(env, "MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER");
  return {
    trackingUri,
    auth: authFrom(env, home),
    tls: tlsFrom(env),
    ...(timeout === undefined ? {} : { timeoutMs: timeout * 1000 }),
    ...(maxRetries === undefined ? {} : { maxRetries }),
    ...(backoffFactor === undefined ? {} : { backoffFactor }),
    ...(respectRetryAfter === undefined ? {} : { respectRetryAfter }),
    experimentName: env.MLFLOW_EXPERIMENT_NAME || undefined,
    experimentId: env.MLFLOW_EXPERIMENT_ID || undefined,
  };
}

function authFrom(env: Env, home: string): MlflowAuth | undefined {
  const file = credentialsFile(home);
  const username = env.MLFLOW_TRACKING_USERNAME || file.mlflow_tracking_username;
  const password = env.MLFLOW_TRACKING_PASSWORD || file.mlflow_tracking_password;
  if (username && password) return { username, password };
  const token = env.MLFLOW_TRACKING_TOKEN;
  return token ? { token } : undefined;
}

/** The `[mlflow]` section of the INI file that the official client reads. */
function credentialsFile(home: string): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(join(home, ".mlflow", "credentials"), "utf8");
  } catch {
    return {};
  }
  const entries: Record<string, string> = {};
  let section = "";
  for (const line of text.split(/\r?\n/)) {
    const header = /^\s*\[(.+)\]\s*$/.exec(line);
    if (header) section = header[1]!.trim();
    const entry = /^\s*([^=:#;\s]+)\s*[=:]\s*(.*?)\s*$/.exec(line);
    if (entry && section === "mlflow") entries[entry[1]!.toLowerCase()] = entry[2]!;
  }
  return entries;
}

function tlsFrom(env: Env): TlsOptions {
  const insecure = booleanFrom(env, "MLFLOW_TRACKING_INSECURE_TLS") ?? false;
  const serverCertPath = env.MLFLOW_TRACKING_SERVER_CERT_PATH;
  const clientCertPath = env.MLFLOW_TRACKING_CLIENT_CERT_PATH;
  return {
    insecure,
    ...(serverCertPath ? { serverCertPath } : {}),
    ...(clientCertPath ? { clientCertPath } : {}),
  };
}

function numberFrom(env: Env, name: string): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw invalidConfiguration(`${name} is "${text}".`, "Give a number that is not negative.");
}

function booleanFrom(env: Env, name: string): boolean | undefined {
  const text = env[name]?.toLowerCase();
  if (!text) return undefined;
  if (text === "true" || text === "1") return true;
  if (text === "false" || text === "0") return false;
  throw invalidConfiguration(`${name} is "${env[name]}".`, "Give true or false.");
}
