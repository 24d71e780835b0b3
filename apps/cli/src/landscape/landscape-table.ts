import Table from "cli-table3";
import type { Output } from "../context.js";
import type { LandscapeDocument } from "./run-landscape.js";

/** A mark of a plane, a pair of networks: what `details` lists. */
type Row = Readonly<Record<string, unknown>>;

/** A number for people: four digits, fixed where it is small. */
function cell(value: unknown): string {
  if (typeof value !== "number") return String(value ?? "");
  return Math.abs(value) < 5e-5 ? "0" : Number(value.toPrecision(4)).toString();
}

/** `train_loss` → `train loss`, with its unit. */
function heading(key: string): string {
  const unit = key.includes("loss") ? " (nats)" : key.includes("error") ? " (%)" : "";
  return key.replaceAll("_", " ") + unit;
}

/** Columns after the first, in the order of the first row. */
function columnsOf(rows: readonly Row[], first: string): readonly string[] {
  return Object.keys(rows[0] ?? {}).filter((key) => key !== first);
}

/** The rows of what a command prints, and the column that names them. */
function rowsOf({
  kind,
  summary,
  details,
}: LandscapeDocument): readonly [first: string, rows: readonly Row[]] {
  const { marks = [], pairs = [] } = Object(details) as { marks?: readonly Row[]; pairs?: readonly Row[] };
  if (kind === "plane") return ["name", marks];
  if (kind === "barrier")
    return ["of", pairs.map((pair) => ({ ...pair, of: (pair.of as string[]).join(" – ") }))];
  const paths = [...new Set(Object.keys(summary).map((key) => key.slice(0, key.indexOf("/"))))];
  return [
    "path",
    paths.map((path) => {
      const own = Object.entries(summary).filter(([key]) => key.startsWith(`${path}/`));
      return { path, ...Object.fromEntries(own.map(([key, value]) => [key.slice(path.length + 1), value])) };
    }),
  ];
}

/** The marks of a plane, the barriers of paths or of pairs, as a table for a terminal. */
export function landscapeTable(document: LandscapeDocument, colors: Output["colors"]): string {
  const [first, rows] = rowsOf(document);
  const columns = columnsOf(rows, first);
  const table = new Table({
    head: ["", ...columns.map(heading)].map((title) => colors.bold(title)),
    colAligns: ["left", ...columns.map(() => "right" as const)],
    style: { head: [], border: [] },
    chars: { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" },
  });
  table.push(...rows.map((row) => [String(row[first]), ...columns.map((key) => cell(row[key]))]));
  return table.toString();
}
