import type { Clock, PlanObserver } from "@isthmus/core";
import type { Output } from "../context.js";
import { progressBars } from "./progress-bars.js";
import { progressLines } from "./progress-lines.js";

/** Shows a person how far the execution of a plan has come. */
export interface PlanProgress extends PlanObserver {
  /** Says something in between. */
  remark(text: string): void;
  /** Takes away what is drawn; lines that were said stay. May be called more than once. */
  end(): void;
}

/** Bars on a terminal, plain lines elsewhere. */
export function planProgress(output: Output, clock: Clock): PlanProgress {
  return output.isTerminal ? progressBars(output, clock) : progressLines(output, clock);
}
