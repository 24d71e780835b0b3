import type { Progress } from "@isthmus/core";
import type { Output } from "../context.js";
import { describePace } from "./describe.js";
import { Pace } from "./pace.js";
import { bars } from "./progress-bars.js";

/** Progress of one piece of work: a bar on a terminal, nothing elsewhere. */
export function workProgress(label: string, output: Output): { readonly progress: Progress; end(): void } {
  if (!output.isTerminal) return { progress: () => {}, end: () => {} };
  const multi = bars();
  const bar = multi.create(1, 0, { label, note: "" });
  let pace = new Pace();
  return {
    progress: (done, total, unit) => {
      if (done < pace.status.done) pace = new Pace();
      pace.report(done, total, unit, performance.now());
      bar.setTotal(total ?? Math.max(done, 1));
      bar.update(done, { note: describePace(pace.status) });
    },
    end: () => multi.stop(),
  };
}
