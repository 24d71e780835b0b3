import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { MlflowError } from "../error.js";
import { endGroup, signalGroup } from "./process-group.js";

/** What {@link startMlflowServer} needs. */
export interface StartServerOptions {
  /** Path of the `mlflow` program, from `findMlflow` or `ensureMlflow`. */
  readonly command: string;
  /** Where experiments and runs are kept, for example `sqliteUri("runs/mlflow.db")`. */
  readonly backendStoreUri: string;
  /** Folder or address where the server keeps artifacts. */
  readonly artifactsDestination: string;
  /** Address to listen on; default `127.0.0.1`, that is, this machine only. */
  readonly host?: string;
  /** Port to listen on; default a free one. */
  readonly port?: number;
  /** Worker processes; default 1, which suits SQLite and one person. */
  readonly workers?: number;
  /** How long to wait for the server to answer, in milliseconds; default 120 000 (a busy machine can take 40 s). */
  readonly startTimeoutMs?: number;
  /** Called with every line that the server prints. */
  readonly onOutput?: (line: string) => void;
  /** Ends the server while it is starting. */
  readonly signal?: AbortSignal;
}

/** A running server. */
export interface MlflowServer {
  /** Tracking URI, for example `http://127.0.0.1:5000`. */
  readonly url: string;
  /** Process id of the server's first process, which leads its own process group. */
  readonly pid: number;
  /** Ends the server and all its processes. May be called again. */
  stop(): Promise<void>;
}

/** Switches off what a local server does not need: background jobs and usage reports. */
const SERVER_ENV = {
  MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
  MLFLOW_DISABLE_TELEMETRY: "true",
  DO_NOT_TRACK: "true",
};

const POLL_MS = 150;
const TAIL_LINES = 20;

/** The SQLAlchemy address of an SQLite file; relative paths are taken from the current directory. */
export function sqliteUri(file: string): string {
  const path = resolve(file).replaceAll("\\", "/");
  return `sqlite:///${path}`;
}

/**
 * Starts a real MLflow server and waits until it answers.
 *
 * The server runs in its own process group, so Ctrl-C in a terminal does not reach it: call `stop()` from your signal
 * handlers. It is ended together with this process when that exits normally.
 *
 * @throws MlflowError `SERVER_START_FAILED` with the last lines the server printed, or `ABORTED`.
 */
export async function startMlflowServer(options: StartServerOptions): Promise<MlflowServer> {
  const host = options.host ?? "127.0.0.1";
  const port = await freePort(host, options.port ?? 0);
  const args = [
    "server",
    ...["--host", host],
    ...["--port", String(port)],
    ...["--workers", String(options.workers ?? 1)],
    ...["--backend-store-uri", options.backendStoreUri],
    ...["--artifacts-destination", options.artifactsDestination],
  ];
  const child = spawn(options.command, args, {
    detached: process.platform !== "win32",
    env: { ...process.env, ...SERVER_ENV },
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
  });
  const tail = collectOutput(child, options.onOutput);
  const failed = new Promise<never>((_, reject) => {
    child.once("error", (error) => reject(startFailed(error.message, "", error)));
    child.once("exit", (code) => reject(startFailed(`it ended with code ${code}`, tail.join("\n"))));
  });
  failed.catch(() => undefined);
  const onExit = () => {
    if (child.pid !== undefined) signalGroup(child.pid, "SIGKILL");
  };
  process.once("exit", onExit);
  let stopping: Promise<void> | undefined;
  const stop = () => {
    process.off("exit", onExit);
    stopping ??= endGroup(child);
    return stopping;
  };
  const url = `http://${host.includes(":") ? `[${host}]` : reachable(host)}:${port}`;
  try {
    await Promise.race([failed, waitForHealth(url, options, tail)]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, pid: child.pid!, stop };
}

/** A server that listens everywhere is reached through the loopback address. */
function reachable(host: string): string {
  return host === "0.0.0.0" ? "127.0.0.1" : host;
}

async function waitForHealth(
  url: string,
  options: StartServerOptions,
  tail: readonly string[],
): Promise<void> {
  const timeout = options.startTimeoutMs ?? 120_000;
  const deadline = performance.now() + timeout;
  while (performance.now() < deadline) {
    if (options.signal?.aborted) {
      throw new MlflowError("The start of the MLflow server was aborted.", {
        code: "ABORTED",
        cause: options.signal.reason,
      });
    }
    if (await answers(`${url}/health`)) return;
    await sleep(POLL_MS);
  }
  throw startFailed(`it did not answer within ${timeout / 1000} s`, tail.join("\n"));
}

async function answers(url: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(url, {
      headersTimeout: 5_000,
      bodyTimeout: 5_000,
      reset: true,
    });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}

/** Checks that `port` can be used; 0 picks a free one. */
function freePort(host: string, port: number): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const probe = createServer();
    probe.once("error", (error) =>
      reject(
        new MlflowError(`The MLflow server cannot listen on ${host}:${port}: ${error.message}`, {
          code: "SERVER_START_FAILED",
          hint: "Another program may be using this port; leave it out to get a free one.",
          cause: error,
        }),
      ),
    );
    probe.listen({ host, port, exclusive: true }, () => {
      const address = probe.address();
      probe.close(() => resolvePort(typeof address === "object" && address ? address.port : port));
    });
  });
}

function collectOutput(child: ChildProcess, onOutput: ((line: string) => void) | undefined): string[] {
  const tail: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on("line", (line) => {
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      onOutput?.(line);
    });
  }
  return tail;
}

function startFailed(reason: string, output: string, cause?: unknown): MlflowError {
  return new MlflowError(`The MLflow server did not start: ${reason}.${output && `\n${output}`}`, {
    code: "SERVER_START_FAILED",
    hint: hintFor(`${reason}\n${output}`),
    cause,
  });
}

function hintFor(output: string): string {
  if (/No module named '?(flask|uvicorn|sqlalchemy)/i.test(output)) {
    return "This is mlflow-skinny, which has no server: pip install mlflow, or use ensureMlflow().";
  }
  if (/out-of-date database schema/i.test(output)) {
    return "The database was made by another MLflow release: use that one, or run: mlflow db upgrade <uri> (after a backup).";
  }
  if (/ENOENT/.test(output)) return "Check the path of the mlflow program, or use ensureMlflow().";
  return "Run the same command in a terminal to see more.";
}
