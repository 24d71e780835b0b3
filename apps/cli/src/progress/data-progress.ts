import type { Clock, Progress } from "@isthmus/core";
import { describePace } from "./describe.js";
import { Pace } from "./pace.js";

/** Least time before the first remark and between two, in milliseconds: what is got faster is not worth a line. */
const INTERVAL = 5000;

/** How far something long has come, such as the data of a run (drawn, downloaded), as remarks that begin with `what`. */
export function dataProgress(
  remark: (text: string) => void,
  clock: Clock,
  what = "Getting the data",
): Progress {
  const pace = new Pace();
  let last: number | undefined;
  return (done, total, unit) => {
    const now = clock.now();
    if (last === undefined || done < pace.status.done) last = now;
    pace.report(done, total, unit, now);
    if (now - last < INTERVAL) return;
    last = now;
    remark(`${what}: ${describePace(pace.status)}`);
  };
}
