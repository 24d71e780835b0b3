import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { SenderProcess } from "./cursor.js";

/** Who serves a project, and where, once the server is up. */
export interface Served extends SenderProcess {
  readonly url?: string;
  /** Process that leads the server's group. */
  readonly serverPid?: number;
}

const GRACE_MS = 5_000;
const POLL_MS = 100;

/** What a project's `server.json` says; undefined where it is missing or damaged. */
export function readServed(file: string): Served | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Served;
  } catch {
    return undefined;
  }
}

/**
 * Ends the server of a process that was killed and could not do it itself; call it only where nobody serves the project any more.
 * A process that does not answer as that server is left alone: its number may belong to another one by now.
 */
export async function endLeftOver(served: Served | undefined): Promise<void> {
  const { host, url, serverPid } = served ?? {};
  if (host !== hostname() || url === undefined || serverPid === undefined || process.platform === "win32")
    return;
  if (!(await answers(`${url}/health`))) return;
  signalGroup(serverPid, "SIGTERM");
  for (let waited = 0; waited < GRACE_MS && signalGroup(serverPid, 0); waited += POLL_MS)
    await sleep(POLL_MS);
  signalGroup(serverPid, "SIGKILL");
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}
