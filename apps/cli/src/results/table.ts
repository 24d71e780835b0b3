import Table from "cli-table3";
import type { Output } from "../context.js";
import type { DocumentRow } from "./document.js";
import { formatAccuracy, formatLoss } from "./format.js";

const HEADER = ["model", "accuracy (%)", "loss"] as const;

function cells({ model, accuracy, loss }: DocumentRow): [string, string, string] {
  return [model, formatAccuracy(accuracy), formatLoss(loss)];
}

/** Under a table: over which seeds its means are. */
function seedsNote(seeds: readonly number[]): string {
  return seeds.length > 1
    ? `Mean ± population standard deviation over the seeds ${seeds.join(", ")}.`
    : `Seed ${seeds.join(", ")}.`;
}

/** The results as a table for a terminal. */
export function resultsTable(
  rows: readonly DocumentRow[],
  seeds: readonly number[],
  colors: Output["colors"],
): string {
  const table = new Table({
    head: HEADER.map((title) => colors.bold(title)),
    colAligns: ["left", "right", "right"],
    style: { head: [], border: [] },
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  table.push(...rows.map(cells));
  return `${table.toString()}\n${colors.dim(seedsNote(seeds))}`;
}

/** The results as a Markdown page. */
export function resultsMarkdown(
  recipe: string,
  rows: readonly DocumentRow[],
  seeds: readonly number[],
): string {
  const line = (values: readonly string[]) =>
    `| ${values.map((value) => value.replaceAll("|", "\\|")).join(" | ")} |`;
  const lines = [line(HEADER), "| --- | ---: | ---: |", ...rows.map((row) => line(cells(row)))];
  return `# ${recipe}\n\n${lines.join("\n")}\n\n${seedsNote(seeds)}\n`;
}
