import type { ResultColumn } from "@isthmus/core";
import Table from "cli-table3";
import type { Output } from "../context.js";
import type { DocumentRow, ResultsDocument } from "./document.js";
import { formatAccuracy, formatLoss, formatMetric } from "./format.js";

function header(columns: readonly ResultColumn[]): readonly string[] {
  return ["model", "accuracy (%)", "loss", ...columns.map(({ title }) => title)];
}

function cells(
  { model, accuracy, loss, metrics }: DocumentRow,
  columns: readonly ResultColumn[],
): readonly string[] {
  const further = columns.map(({ metric, percent }) => formatMetric(metrics?.[metric], percent));
  return [model, formatAccuracy(accuracy), formatLoss(loss), ...further];
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
  columns: readonly ResultColumn[] = [],
): string {
  const table = new Table({
    head: header(columns).map((title) => colors.bold(title)),
    colAligns: ["left", "right", "right", ...columns.map(() => "right" as const)],
    style: { head: [], border: [] },
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  table.push(...rows.map((row) => [...cells(row, columns)]));
  return `${table.toString()}\n${colors.dim(seedsNote(seeds))}`;
}

/** Choices and settings that the results were made with; empty where there are none. */
function settingsNote({ choices, settings }: ResultsDocument): string {
  const made = [...Object.entries(choices).map(([name, block]) => `${name}=${block}`), ...settings];
  return made.length === 0 ? "" : `With ${made.join(", ")}.`;
}

/** The results in one paragraph. */
export function resultsSentence(document: ResultsDocument): string {
  const accuracies = document.rows.map(({ model, accuracy }) => `${model} ${formatAccuracy(accuracy)}`);
  const parts = [
    `Test accuracy (%): ${accuracies.join("; ")}.`,
    settingsNote(document),
    seedsNote(document.seeds),
  ];
  return parts.filter((part) => part !== "").join(" ");
}

/** The results as a Markdown page. */
export function resultsMarkdown(document: ResultsDocument): string {
  const { recipe, rows, seeds, columns = [] } = document;
  const line = (values: readonly string[]) =>
    `| ${values.map((value) => value.replaceAll("|", "\\|")).join(" | ")} |`;
  const head = header(columns);
  const lines = [
    line(head),
    line(head.map((_, i) => (i === 0 ? "---" : "---:"))),
    ...rows.map((row) => line(cells(row, columns))),
  ];
  const note = settingsNote(document);
  return `# ${recipe}\n\n${note === "" ? "" : `${note}\n\n`}${lines.join("\n")}\n\n${seedsNote(seeds)}\n`;
}
