import Table from "cli-table3";
import type { Output } from "../context.js";
import type { Survey, Surveyed } from "./survey.js";

const HEADER = ["backend", "computes with", "threads", "GFLOP/s", "steps/s"] as const;

/** A speed with three digits at most. */
export function formatSpeed(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(value >= 10 ? 3 : 2);
}

function cells({ name, title, measured, problem }: Surveyed, colors: Output["colors"]): string[] {
  if (measured === undefined) return [colors.dim(name), colors.dim(`${title}: ${problem}`), "–", "–", "–"];
  const { library, threads, gflops, stepsPerSecond } = measured;
  return [
    name,
    library === undefined ? title : `${title}: ${library}`,
    String(threads),
    formatSpeed(gflops),
    formatSpeed(stepsPerSecond),
  ];
}

/** Why `auto` takes what it takes. */
function choice({ auto, backends }: Survey): string {
  if (auto === undefined) return "No backend works here.";
  const better = backends.slice(
    0,
    backends.findIndex(({ name }) => name === auto),
  );
  const reasons = better.map(({ name, problem, measured }) => `${name}: ${problem ?? measured?.slow}`);
  return `--backend auto takes ${auto}, the best that works here${reasons.length > 0 ? ` (${reasons.join("; ")})` : ""}.`;
}

/** The survey as a table for a terminal, and what follows from it. */
export function surveyTable(survey: Survey, colors: Output["colors"]): string {
  const table = new Table({
    head: HEADER.map((title) => colors.bold(title)),
    colAligns: ["left", "left", "right", "right", "right"],
    style: { head: [], border: [] },
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  table.push(...survey.backends.map((each) => cells(each, colors)));
  const details = survey.backends.flatMap(({ name, measured }) =>
    measured?.details === undefined ? [] : [colors.dim(`${name}: ${measured.details}`)],
  );
  const what =
    "GFLOP/s: product of two 512 × 512 matrices. Steps/s: training 784-400-200-100-10, batches of 128.";
  return [table.toString(), colors.dim(what), ...details, choice(survey), survey.advice].join("\n");
}
