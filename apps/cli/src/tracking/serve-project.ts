import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { IsthmusError } from "@isthmus/core";
import { journalFiles, makeFolder } from "@isthmus/core/node";
import type { MlflowServer } from "@isthmus/mlflow-js-client/server";
import { thisProcess } from "./cursor.js";
import { type LocalServerOptions, startLocalServer } from "./local-server.js";
import { takeLock } from "./sender-lock.js";
import { endLeftOver, readServed, type Served } from "./served-file.js";
import { serverTarget } from "./server-target.js";
import { syncJournals } from "./sync-journals.js";

/** Name of the project's own store among the servers of its journals; its address changes. */
const KEY = "local";
const POLL_MS = 1000;

/** What serving a project needs; those who follow are told about links once each. */
export interface ServeOptions extends Omit<LocalServerOptions, "folder"> {
  /** The project's folder, usually `.isthmus`. */
  readonly kept: string;
  /** The server's own address, when it is up. */
  readonly onReady: (url: string) => void;
  /** The address at which another process serves the project already. */
  readonly onServed: (url: string) => void;
  /** Address of the comparison of an experiment, as soon as it is there. */
  readonly onLink: (url: string) => void;
}

/**
 * Serves a project's runs with an MLflow of its own until the signal fires: starts it, sends the project's journals, and those
 * parts of them that runs of other processes write meanwhile. Where the project is being served already, says where and returns.
 */
export async function serveProject(options: ServeOptions): Promise<void> {
  const folder = join(options.kept, "mlflow");
  makeFolder(folder);
  const file = join(folder, "server.json");
  const lock = await takeLock(file, () => readServed(file));
  if (lock === undefined) return tellServed(file, options);
  let server: MlflowServer | undefined;
  try {
    await endLeftOver(readServed(file));
    writeServed(file, thisProcess());
    server = await startLocalServer({ ...options, folder });
    writeServed(file, { ...thisProcess(), url: server.url, serverPid: server.pid });
    options.onReady(server.url);
    await follow(server, options);
  } finally {
    await server?.stop();
    rmSync(file, { force: true });
    await lock.release();
  }
}

/** Sends the project's journals, again and again. */
async function follow(server: MlflowServer, { kept, env, signal, onLink, say }: ServeOptions): Promise<void> {
  const target = serverTarget(server.url, env, KEY);
  const known = new Set<string>();
  const announce = (url: string) => {
    if (known.has(url)) return;
    known.add(url);
    onLink(url);
  };
  let trouble: string | undefined;
  while (!signal.aborted) {
    const { outcomes, links } = await syncJournals({
      journals: journalFiles(kept),
      target,
      signal,
      retryAfter: [],
    });
    if (!isAlive(server.pid)) throw ended();
    for (const url of links) announce(url);
    const reason = outcomes.find((outcome) => outcome.reason !== undefined)?.reason;
    if (reason !== undefined && reason !== trouble && !signal.aborted) say(reason);
    trouble = reason;
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

function tellServed(file: string, { onServed, say }: ServeOptions): void {
  const url = readServed(file)?.url;
  if (url === undefined) say("Another process is starting MLflow for this project.");
  else onServed(url);
}

function writeServed(file: string, served: Served): void {
  writeFileSync(file, JSON.stringify(served));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function ended(): IsthmusError {
  return new IsthmusError({
    code: "tracking/server-ended",
    message: "The MLflow server ended by itself.",
    hint: "Start isthmus ui again: runs are kept in the journal, and nothing is lost.",
  });
}
