// Waits for a machine that others leave alone: a measurement counts where a probe before and after it took about its best time.
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { jsonOf } from "./turns.mjs";

/** Share by which a probe may exceed its best. */
const SLACK = 0.15;
/** Seconds that are waited for quiet, and measurements until one counts as it is. */
const PATIENCE = 20;
const TRIES = 3;

const probe = async () =>
  (await jsonOf(process.execPath, [fileURLToPath(new URL("probe.mjs", import.meta.url))])).result;

/**
 * Measures while the machine is quiet, if it ever is.
 *
 * @param probeOnce seconds of a fixed piece of work
 * @param patience seconds
 */
export function quietly(probeOnce = probe, patience = PATIENCE) {
  let best = Number.POSITIVE_INFINITY;
  const counts = { measured: 0, disturbed: 0 };
  const quiet = async () => {
    const seconds = await probeOnce();
    best = Math.min(best, seconds);
    return seconds <= (1 + SLACK) * best;
  };
  /** Whether it became quiet in time. */
  const waited = async () => {
    const end = performance.now() + 1000 * patience;
    while (!(await quiet())) {
      if (performance.now() > end) return false;
      await sleep(1000);
    }
    return true;
  };
  /** Runs `measure` until nobody disturbed it, a few times at most. */
  const run = async (measure) => {
    counts.measured++;
    for (let tries = 1; ; tries++) {
      const before = await waited();
      const result = await measure();
      if (before && (await quiet())) return result;
      if (tries < TRIES) continue;
      counts.disturbed++;
      return result;
    }
  };
  return {
    run,
    /** A sentence for the page. */
    remark: () =>
      `A probe told before and after whether others used the machine; ${counts.disturbed} of ${counts.measured} measurements were disturbed in every attempt and count as they are.`,
  };
}
