import { createServer } from "node:net";
import { join } from "node:path";
import { makeFolder } from "@isthmus/core/node";
import {
  ensureMlflow,
  findMlflow,
  type MlflowInstallation,
  type MlflowServer,
  sqliteUri,
  startMlflowServer,
} from "@isthmus/mlflow-js-client/server";

/** Port of the project's own server while it is free: browsers keep what a person changed in the pages per address. */
const USUAL_PORT = 5000;
/** Releases before this have other web pages. */
const OLDEST_MAJOR = 3;

/** What a server of the project's own needs. */
export interface LocalServerOptions {
  /** Folder of its database and artifacts. */
  readonly folder: string;
  /** Where environments with MLflow are kept, for all projects. */
  readonly cacheDir: string;
  /** Default: a usual one, or any if that is taken. */
  readonly port: number | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Told what happens, a line each; `installing` for each of the many lines of an installation. */
  readonly say: (line: string) => void;
  readonly installing: (line: string) => void;
}

/**
 * Starts an MLflow server on this machine only, and waits until it answers. The program is the one on the PATH, else one that is
 * installed once per machine.
 *
 * @throws MlflowError `PYTHON_NOT_FOUND`, `INSTALL_FAILED`, `SERVER_START_FAILED`, `ABORTED`
 */
export async function startLocalServer(options: LocalServerOptions): Promise<MlflowServer> {
  const { folder, signal, say } = options;
  const { command, version } = await mlflowProgram(options);
  makeFolder(folder);
  const port = options.port ?? ((await isFree(USUAL_PORT)) ? USUAL_PORT : undefined);
  say(`Starting MLflow ${version}…`);
  return startMlflowServer({
    command,
    backendStoreUri: sqliteUri(join(folder, "mlflow.db")),
    artifactsDestination: join(folder, "artifacts"),
    signal,
    ...(port === undefined ? {} : { port }),
  });
}

async function mlflowProgram({
  env,
  cacheDir,
  signal,
  installing,
}: LocalServerOptions): Promise<MlflowInstallation> {
  const found = await findMlflow(env);
  if (found !== undefined && Number.parseInt(found.version, 10) >= OLDEST_MAJOR) return found;
  return ensureMlflow({ cacheDir, env, signal, onProgress: installing });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ host: "127.0.0.1", port, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
