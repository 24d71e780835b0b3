import { access, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { MlflowError } from "../error.js";
import { defaultCacheDir } from "./cache-dir.js";
import { withLock } from "./lock.js";
import { findPython } from "./python.js";
import { runCommand } from "./run-command.js";
import { MLFLOW_VERSION } from "./version.js";

/** An MLflow that can be started. */
export interface MlflowInstallation {
  /** Path of the `mlflow` program. */
  readonly command: string;
  /** Its release, for example `3.17.2`. */
  readonly version: string;
}

/** What {@link ensureMlflow} may be told. */
export interface EnsureMlflowOptions {
  /** Release to install; default {@link MLFLOW_VERSION}. */
  readonly version?: string;
  /** Where environments are kept; default {@link defaultCacheDir}. Each release gets the folder `mlflow-<version>`. */
  readonly cacheDir?: string;
  /** Called with one line of text for each thing that happens; nothing is reported when it is installed already. */
  readonly onProgress?: (message: string) => void;
  /** Gives up; a half-made environment is rebuilt by the next call. */
  readonly signal?: AbortSignal;
  /** Environment variables of the installer; default `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Written last, so that an environment without it is known to be unfinished. */
const MARKER = "mlflow-js-client.json";

/**
 * Returns a real MLflow server program, installing it into a Python virtual environment on first use
 * (about a minute, 850 MB). Later calls return at once. Two processes that call it together install once.
 *
 * @throws MlflowError `PYTHON_NOT_FOUND` without Python 3.10 or newer, `INSTALL_FAILED` when pip fails,
 * `ABORTED` when `signal` fires.
 *
 * @example
 * ```ts
 * const mlflow = await ensureMlflow({ onProgress: (line) => console.error(line) });
 * const server = await startMlflowServer({ command: mlflow.command, backendStoreUri, artifactsDestination });
 * ```
 */
export async function ensureMlflow(options: EnsureMlflowOptions = {}): Promise<MlflowInstallation> {
  const { folder, installed } = environment(options);
  const { version } = installed;
  if (!/^\d+(\.\d+)+[a-z0-9.]*$/.test(version)) {
    throw new MlflowError(`"${version}" is not an MLflow version.`, {
      code: "INVALID_ARGUMENT",
      hint: `Give a release number such as ${MLFLOW_VERSION}.`,
    });
  }
  if (await isComplete(folder)) return installed;

  const env = options.env ?? process.env;
  const report = options.onProgress ?? (() => undefined);
  const python = await findPython(env);
  await mkdir(dirname(folder), { recursive: true });
  try {
    await withLock(
      `${folder}.lock`,
      async () => {
        if (!(await isComplete(folder))) await install(python, folder, version, { ...options, env }, report);
      },
      {
        signal: options.signal,
        onWait: () => report("Waiting for another process that is installing MLflow"),
      },
    );
  } catch (error) {
    throw options.signal?.aborted ? aborted(options.signal) : error;
  }
  return installed;
}

/** The environment that {@link ensureMlflow} has made; undefined where there is none, or half of one. */
export async function findCachedMlflow(
  options: Pick<EnsureMlflowOptions, "version" | "cacheDir"> = {},
): Promise<MlflowInstallation | undefined> {
  const { folder, installed } = environment(options);
  return (await isComplete(folder)) ? installed : undefined;
}

/** Where the environment of a release lies, and its program. */
function environment({ version = MLFLOW_VERSION, cacheDir = defaultCacheDir() }: EnsureMlflowOptions) {
  const folder = join(cacheDir, `mlflow-${version}`);
  const installed: MlflowInstallation = { command: programIn(folder, "mlflow"), version };
  return { folder, installed };
}

/** A virtual environment holds absolute paths and cannot be moved, so it is built in place. */
async function install(
  python: string,
  folder: string,
  version: string,
  options: EnsureMlflowOptions & { readonly env: NodeJS.ProcessEnv },
  report: (message: string) => void,
): Promise<void> {
  const { env, signal } = options;
  await rm(folder, { recursive: true, force: true });
  report(`Creating a Python environment in ${folder}`);
  const venv = await runCommand(python, ["-m", "venv", folder], { env, signal });
  if (signal?.aborted) throw aborted(signal);
  if (venv.code !== 0) throw installFailed(`Python could not create an environment in ${folder}`, venv.tail);
  report(`Installing MLflow ${version} (about a minute)`);
  const pip = await runCommand(
    programIn(folder, "python"),
    [
      "-m",
      "pip",
      "install",
      "--no-input",
      "--disable-pip-version-check",
      "--progress-bar",
      "off",
      `mlflow==${version}`,
    ],
    { env, signal, onLine: (line) => report(line.trim()) },
  );
  if (signal?.aborted) throw aborted(signal);
  if (pip.code !== 0) throw installFailed(`pip could not install MLflow ${version}`, pip.tail);
  await writeFile(join(folder, MARKER), `${JSON.stringify({ version })}\n`);
  report(`MLflow ${version} is installed`);
}

async function isComplete(folder: string): Promise<boolean> {
  try {
    await Promise.all([access(join(folder, MARKER)), access(programIn(folder, "mlflow"))]);
    return true;
  } catch {
    return false;
  }
}

function programIn(folder: string, name: string): string {
  return process.platform === "win32" ? join(folder, "Scripts", `${name}.exe`) : join(folder, "bin", name);
}

function installFailed(message: string, output: string): MlflowError {
  return new MlflowError(`${message}:\n${output}`, {
    code: "INSTALL_FAILED",
    hint: "Check the network and the free disk space (850 MB), then try again; or install MLflow yourself (pip install mlflow).",
  });
}

function aborted(signal: AbortSignal): MlflowError {
  return new MlflowError("The installation of MLflow was aborted.", {
    code: "ABORTED",
    cause: signal.reason,
  });
}
