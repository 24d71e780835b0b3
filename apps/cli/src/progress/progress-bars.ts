import type { Clock } from "@isthmus/core";
import { MultiBar, type SingleBar } from "cli-progress";
import type { Output } from "../context.js";
import { formatSeconds } from "../results/format.js";
import { describeFinished, describePace } from "./describe.js";
import { Pace } from "./pace.js";
import type { PlanProgress } from "./plan-progress.js";
import { PlanTimes } from "./plan-times.js";

/** A set of bars on a terminal, of one look, drawn on stderr; what is logged appears above them. */
export function bars(): MultiBar {
  return new MultiBar({
    format: "{bar} {label} {note}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 20,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    linewrap: false,
    gracefulExit: false,
    stream: process.stderr,
  });
}

/** The bars of a plan under way. */
interface Drawn {
  readonly plan: SingleBar;
  readonly step: SingleBar;
}

/** Progress as two bars: steps of the plan, and the step under way, both with rate and time left. */
export function progressBars(output: Output, clock: Clock): PlanProgress {
  const multi = bars();
  let drawn: Drawn | undefined;
  let times = new PlanTimes(new Map(), new Map());
  let current = { id: "", pace: new Pace(), start: 0 };

  const say = (text: string) => {
    if (drawn === undefined) return output.line(text);
    multi.log(`${text}\n`);
    multi.update();
  };
  const drawPlan = () => {
    if (drawn === undefined) return;
    const spent = (clock.now() - current.start) / 1000;
    const { seconds, atLeast } = times.left({ id: current.id, spent, left: current.pace.status.left });
    const done = drawn.plan.getTotal() - times.waiting;
    const note = `${atLeast ? "at least" : "about"} ${formatSeconds(seconds)} left`;
    drawn.plan.update(done, {
      label: `step ${Math.min(done + 1, drawn.plan.getTotal())} of ${drawn.plan.getTotal()}`,
      note: seconds >= 1 ? note : "",
    });
  };
  return {
    planned: (_plan, steps, reused) => {
      times = new PlanTimes(steps, reused);
      say(`${steps.size} steps: ${times.waiting} to compute, ${reused.size} kept from before.`);
      if (times.waiting === 0) return;
      const bar = (total: number) => multi.create(total, 0, { label: "", note: "" });
      drawn = { plan: bar(times.waiting), step: bar(1) };
    },
    stepStarted: ({ id }) => {
      current = { id, pace: new Pace(), start: clock.now() };
      drawn?.step.setTotal(1);
      drawn?.step.update(0, { label: id, note: "" });
      drawPlan();
    },
    progress: (_step, done, total, unit) => {
      current.pace.report(done, total, unit, clock.now());
      drawn?.step.setTotal(total ?? Math.max(done, 1));
      drawn?.step.update(done, { note: describePace(current.pace.status) });
      drawPlan();
    },
    stepFinished: (step, record, reused) => {
      times.finished(step.id, record);
      if (!reused) say(describeFinished(step, record, reused));
      drawPlan();
    },
    remark: say,
    end: () => {
      if (drawn !== undefined) multi.stop();
      drawn = undefined;
    },
  };
}
