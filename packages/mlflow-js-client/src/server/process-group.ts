import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

const GRACE_MS = 10_000;
/** What outlives its leader was left behind, or has ended without anyone collecting it. */
const ORPHAN_GRACE_MS = 500;
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
 * Ends a child started with `detached: true` and everything it started: asks politely, waits up to ten seconds
 * for the child (half a second more for the rest), then kills. Resolves when the child has ended.
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
  let left = GRACE_MS;
  while (left > 0 && signalGroup(pid, 0)) {
    await sleep(POLL_MS);
    left = hasEnded(child) ? Math.min(left, ORPHAN_GRACE_MS) - POLL_MS : left - POLL_MS;
  }
  signalGroup(pid, "SIGKILL");
  await ended;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
