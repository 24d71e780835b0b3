import type { Clock } from "@isthmus/core";
import type { Output } from "../context.js";
import { describeFailed, describeFinished, describePace, describeRetried } from "./describe.js";
import { Pace } from "./pace.js";
import type { PlanProgress } from "./plan-progress.js";

/** Least time between two lines about a step under way, in milliseconds. */
const INTERVAL = 5000;

/** Progress as plain lines, for logs: one per finished step, and one every few seconds while a step runs. */
export function progressLines(output: Output, clock: Clock): PlanProgress {
  const running = new Map<string, { readonly pace: Pace; last: number }>();
  return {
    planned: (_plan, steps, reused) => {
      const waiting = steps.size - reused.size;
      output.line(`${steps.size} steps: ${waiting} to compute, ${reused.size} kept from before.`);
    },
    stepStarted: ({ id }) => void running.set(id, { pace: new Pace(), last: clock.now() }),
    progress: ({ id }, done, total, unit) => {
      const now = clock.now();
      const step = running.get(id);
      if (step === undefined) return;
      step.pace.report(done, total, unit, now);
      if (now - step.last < INTERVAL) return;
      step.last = now;
      output.line(`${id}: ${describePace(step.pace.status)}`);
    },
    stepRetried: (step, reason) => output.line(describeRetried(step, reason)),
    stepFailed: ({ id }, error) => {
      running.delete(id);
      output.line(describeFailed(error));
    },
    stepFinished: (step, record, reused) => {
      running.delete(step.id);
      output.line(describeFinished(step, record, reused));
    },
    remark: (text) => output.line(text),
    end: () => {},
  };
}
