import { open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

const HEARTBEAT_MS = 2_000;
const STALE_MS = 30_000;
const POLL_MS = 250;

/**
 * Runs `work` while holding the lock file `path`, so that only one process at a time does so.
 *
 * The holder touches the file every two seconds; a lock whose process is gone, or that was not touched for half a
 * minute (the holder was on another machine of a shared disk), is taken over.
 *
 * @param onWait called once when another process holds the lock.
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  options: { readonly signal?: AbortSignal | undefined; readonly onWait?: () => void } = {},
): Promise<T> {
  for (let waited = false; !(await tryCreate(path)); waited = true) {
    if (await isStale(path)) {
      await takeAway(path);
      continue;
    }
    if (!waited) options.onWait?.();
    await sleep(POLL_MS, undefined, options.signal ? { signal: options.signal } : {});
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(path, { force: true });
  }
}

async function tryCreate(path: string): Promise<boolean> {
  try {
    const file = await open(path, "wx");
    await file.writeFile(owner());
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function owner(): string {
  return `${process.pid} ${hostname()}`;
}

async function isStale(path: string): Promise<boolean> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    const [pid, host] = text.split(" ");
    if (host === hostname() && !isAlive(Number(pid))) return true;
    return Date.now() - mtimeMs > STALE_MS;
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Renames before removing: of two processes that saw the same stale lock, only one succeeds. */
async function takeAway(path: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
    await rm(aside, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
