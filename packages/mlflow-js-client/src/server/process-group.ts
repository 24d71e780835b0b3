import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

const GRACE_MS = 10_000;
const POLL_MS = 50;

/** Sends a signal to every process of the group that `pid` leads; `false` when none is left. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * Ends a child started with `detached: true` and everything it started: asks politely, waits up to ten seconds, then
 * kills. Resolves when the child has ended.
 */
export async function endGroup(child: ChildProcess): Promise<void> {
  const pid = child.pid;
  if (pid === undefined) return;
  const ended = hasEnded(child) ? Promise.resolve() : once(child, "exit");
  if (process.platform === "win32") {
    if (!hasEnded(child)) spawn("taskkill", ["/pid", String(pid), "/T", "/F"], { windowsHide: true });
    await ended;
    return;
  }
  signalGroup(pid, "SIGTERM");
  for (let waited = 0; waited < GRACE_MS && signalGroup(pid, 0); waited += POLL_MS) await sleep(POLL_MS);
  signalGroup(pid, "SIGKILL");
  await ended;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
