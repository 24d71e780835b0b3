import type { Clock, KeyedStep } from "@isthmus/core";
import { MultiBar, type SingleBar } from "cli-progress";
import type { Output } from "../context.js";
import { formatSeconds } from "../results/format.js";
import { describeFinished, describePace } from "./describe.js";
import { Pace } from "./pace.js";
import type { PlanProgress } from "./plan-progress.js";
import { PlanTimes } from "./plan-times.js";

/** A set of bars on a terminal, of one look; what is said in between appears above them. */
export function bars(): MultiBar {
  return new MultiBar({
    format: "{bar} {label} {note}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 20,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    forceRedraw: true,
    linewrap: false,
    gracefulExit: false,
    stream: process.stderr,
  });
}

/** Progress as two bars: steps of the plan, and the step under way, both with rate and time left. */
export function progressBars(output: Output, clock: Clock): PlanProgress {
  const multi = bars();
  let plan: SingleBar | undefined;
  let current:
    | { readonly bar: SingleBar; readonly pace: Pace; readonly id: string; readonly start: number }
    | undefined;
  let times = new PlanTimes(new Map(), new Map());
  let total = 0;
  let computed = 0;
  let ended = false;

  const say = (text: string) => (ended ? output.line(text) : multi.log(`${text}\n`));
  const drawPlan = () => {
    const spent = current === undefined ? 0 : (clock.now() - current.start) / 1000;
    const left = current && times.left({ id: current.id, spent, left: current.pace.status.left });
    const note = left === undefined ? "" : `, about ${formatSeconds(left)} left`;
    plan?.update(computed, { label: `step ${Math.min(computed + 1, total)} of ${total}`, note });
  };
  const start = (step: KeyedStep) => {
    const bar = multi.create(1, 0, { label: step.id, note: "" });
    current = { bar, pace: new Pace(), id: step.id, start: clock.now() };
    drawPlan();
  };
  return {
    planned: (_plan, steps, reused) => {
      total = steps.size - reused.size;
      times = new PlanTimes(steps, reused);
      say(`${steps.size} steps: ${total} to compute, ${reused.size} kept from before.`);
      if (total > 0) plan = multi.create(total, 0, { label: "", note: "" });
    },
    stepStarted: start,
    progress: (_step, done, all, unit) => {
      if (current === undefined) return;
      const { bar, pace } = current;
      pace.report(done, all, unit, clock.now());
      bar.setTotal(all ?? Math.max(done, 1));
      bar.update(done, { note: describePace(pace.status) });
      drawPlan();
    },
    stepFinished: (step, record, reused) => {
      if (reused) return;
      if (current !== undefined) multi.remove(current.bar);
      current = undefined;
      computed += 1;
      times.finished(step.id, record);
      say(describeFinished(step, record, reused));
      drawPlan();
    },
    remark: say,
    end: () => {
      if (!ended) multi.stop();
      ended = true;
    },
  };
}
