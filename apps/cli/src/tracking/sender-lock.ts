import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { lock } from "proper-lockfile";
import type { SenderProcess } from "./cursor.js";

/** Longest time in which a living holder may fail to show that it lives, in milliseconds: a step may keep it busy. */
const STALE_MS = 30_000;
/** The same for a holder that is known to be dead; the least that the lock's library takes. */
const DEAD_MS = 2_000;
/** The library dates a new lock up to this far ahead. */
const AHEAD_MS = 1_100;
const UPDATE_MS = 1_000;
const POLL_MS = 250;

/** A lock that is held. */
export interface HeldLock {
  /** True once another process has taken it over, as happens to a process that was stopped for long. */
  readonly lost: boolean;
  release(): Promise<void>;
}

/**
 * Takes the lock `<file>.lock`; undefined where a living process has it. A dead holder's lock is taken over after at most three
 * seconds, or half a minute where it ran on another machine.
 *
 * @param owner who holds it, if somebody does; asked only where the lock is taken
 */
export async function takeLock(
  file: string,
  owner: () => SenderProcess | undefined,
): Promise<HeldLock | undefined> {
  const first = await tryLock(file, STALE_MS);
  if (first !== undefined || !isDead(owner())) return first;
  for (let waited = 0; waited <= DEAD_MS + AHEAD_MS; waited += POLL_MS) {
    const held = await tryLock(file, DEAD_MS);
    if (held !== undefined) return held;
    await sleep(POLL_MS);
  }
  return undefined;
}

async function tryLock(file: string, stale: number): Promise<HeldLock | undefined> {
  const held = { lost: false };
  const onCompromised = () => {
    held.lost = true;
  };
  try {
    const release = await lock(file, { stale, update: UPDATE_MS, realpath: false, onCompromised });
    return Object.assign(held, { release: () => release().catch(() => undefined) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ELOCKED") return undefined;
    throw error;
  }
}

/** True for a process of this machine that does not run any more. */
function isDead(owner: SenderProcess | undefined): boolean {
  if (owner?.host !== hostname()) return false;
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
