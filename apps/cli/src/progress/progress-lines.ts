import type { Clock } from "@isthmus/core";
import type { Output } from "../context.js";
import { describeFinished, describePace } from "./describe.js";
import { Pace } from "./pace.js";
import type { PlanProgress } from "./plan-progress.js";

/** Least time between two lines about a step under way, in milliseconds. */
const INTERVAL = 5000;

/** Progress as plain lines, for logs: one per finished step, and one every few seconds while a step runs. */
export function progressLines(output: Output, clock: Clock): PlanProgress {
  let pace = new Pace();
  let last = clock.now();
  return {
    planned: (_plan, steps, reused) => {
      const waiting = steps.size - reused.size;
      output.line(`${steps.size} steps: ${waiting} to compute, ${reused.size} kept from before.`);
    },
    stepStarted: () => {
      pace = new Pace();
      last = clock.now();
    },
    progress: (step, done, total, unit) => {
      const now = clock.now();
      pace.report(done, total, unit, now);
      if (now - last < INTERVAL) return;
      last = now;
      output.line(`${step.id}: ${describePace(pace.status)}`);
    },
    stepFinished: (step, record, reused) => output.line(describeFinished(step, record, reused)),
    remark: (text) => output.line(text),
    end: () => {},
  };
}
