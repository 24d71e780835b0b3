import type { Clock } from "@isthmus/core";
import { MultiBar, type SingleBar } from "cli-progress";
import type { Output } from "../context.js";
import { formatSeconds } from "../results/format.js";
import { describeFailed, describeFinished, describePace, describeRetried } from "./describe.js";
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

/** Bars of steps that a terminal has room for: more lines than it has cannot be drawn over. */
const mostBars = () => Math.max(1, (process.stderr.rows ?? 24) - 4);

/** A step under way. */
interface DrawnStep {
  /** Undefined while there is no room for it. */
  bar: SingleBar | undefined;
  readonly pace: Pace;
  /** When the step was begun, in milliseconds. */
  readonly start: number;
}

/** Progress as bars: one of the whole plan, and one of each step under way, all with rate and time left. */
export function progressBars(output: Output, clock: Clock): PlanProgress {
  const multi = bars();
  let plan: SingleBar | undefined;
  let times = new PlanTimes(new Map(), new Map());
  const steps = new Map<string, DrawnStep>();

  const say = (text: string) => {
    if (plan === undefined) return output.line(text);
    multi.log(`${text}\n`);
    multi.update();
  };
  const draw = (id: string): SingleBar | undefined => {
    const drawn = [...steps.values()].filter(({ bar }) => bar !== undefined).length;
    return drawn < mostBars() ? multi.create(1, 0, { label: id, note: "" }) : undefined;
  };
  const remove = (id: string) => {
    const bar = steps.get(id)?.bar;
    if (bar !== undefined) multi.remove(bar);
    steps.delete(id);
  };
  const drawPlan = () => {
    if (plan === undefined) return;
    const now = clock.now();
    const current = [...steps].map(([id, { pace, start }]) => {
      return { id, spent: (now - start) / 1000, left: pace.status.left };
    });
    const { seconds, atLeast } = times.left(current);
    const total = plan.getTotal();
    const done = total - times.waiting;
    const note = `${atLeast ? "at least" : "about"} ${formatSeconds(seconds)} left`;
    plan.update(done, { label: `${done} of ${total} steps`, note: seconds >= 1 ? note : "" });
  };
  return {
    planned: (_plan, all, reused) => {
      times = new PlanTimes(all, reused);
      say(`${all.size} steps: ${times.waiting} to compute, ${reused.size} kept from before.`);
      if (times.waiting > 0) plan = multi.create(times.waiting, 0, { label: "", note: "" });
    },
    stepStarted: ({ id }) => {
      if (plan === undefined) return;
      steps.set(id, { bar: draw(id), pace: new Pace(), start: clock.now() });
      drawPlan();
    },
    progress: ({ id }, done, total, unit) => {
      const drawn = steps.get(id);
      if (drawn === undefined) return;
      drawn.bar ??= draw(id);
      drawn.pace.report(done, total, unit, clock.now());
      drawn.bar?.setTotal(total ?? Math.max(done, 1));
      drawn.bar?.update(done, { note: describePace(drawn.pace.status) });
      drawPlan();
    },
    stepRetried: (step, reason) => say(describeRetried(step, reason)),
    stepFailed: ({ id }, error) => {
      remove(id);
      say(describeFailed(error));
    },
    stepFinished: (step, record, reused) => {
      times.finished(step.id, record);
      remove(step.id);
      if (!reused) say(describeFinished(step, record, reused));
      drawPlan();
    },
    remark: say,
    end: () => {
      if (plan !== undefined) multi.stop();
      plan = undefined;
      steps.clear();
    },
  };
}
