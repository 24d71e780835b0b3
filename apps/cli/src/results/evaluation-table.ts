import Table from "cli-table3";
import type { Output } from "../context.js";
import type { EvaluationDocument } from "./evaluation-document.js";

/** An evaluation as lines for a terminal: accuracy and loss, and a table of the classes. */
export function evaluationTable(
  { accuracy, loss, perClass }: EvaluationDocument,
  classNames: readonly string[],
  colors: Output["colors"],
): string {
  const table = new Table({
    head: ["class", "accuracy (%)"].map((title) => colors.bold(title)),
    colAligns: ["left", "right"],
    style: { head: [], border: [] },
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  table.push(...perClass.map((share, i) => [classNames[i] ?? String(i), share?.toFixed(2) ?? "no images"]));
  return `Accuracy ${accuracy.toFixed(2)} %, loss ${loss.toFixed(4)}\n${table.toString()}`;
}
