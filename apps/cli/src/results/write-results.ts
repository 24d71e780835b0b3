import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "@isthmus/core/node";
import { resultsCsv } from "./csv.js";
import type { ResultsDocument } from "./document.js";
import { figureFiles, type ResultFile } from "./figure-files.js";
import { accuracyFigure, type NamedFigure } from "./figures.js";
import type { NamedTable } from "./step-tables.js";
import { resultsMarkdown, resultsSentence } from "./table.js";

/** What is written and where. */
export interface WriteResultsOptions {
  readonly folder: string;
  readonly document: ResultsDocument;
  /** Figures of the steps. */
  readonly figures: readonly NamedFigure[];
  /** What was measured point by point. */
  readonly arrays: readonly ResultFile[];
  /** Tables of the steps. */
  readonly tables: readonly NamedTable[];
  /** Takes a remark for people: a figure that could not be drawn. */
  readonly warn: (message: string) => void;
}

/**
 * Writes `results.csv`, `results.json`, `table.md`, what was measured point by point, tables of steps, every figure as SVG and PNG, and
 * all figures as one `report.html`; the same files for the same results. A figure that cannot be drawn is left out with a warning.
 * Returns the paths.
 */
export async function writeResults({
  folder,
  document,
  figures,
  arrays,
  tables,
  warn,
}: WriteResultsOptions): Promise<readonly string[]> {
  const { recipe, rows, seeds, columns } = document;
  const files: ResultFile[] = [
    ["results.csv", resultsCsv(rows, seeds, columns)],
    ["results.json", `${JSON.stringify(document, undefined, 2)}\n`],
    ["table.md", resultsMarkdown(document)],
    ...tables.map(({ name, content }): ResultFile => [`${name}.csv`, content]),
  ];
  const accuracy = await accuracyFigure(rows);
  const page = { title: recipe, description: resultsSentence(document), warn };
  files.push(...arrays, ...(await figureFiles([...(accuracy ? [accuracy] : []), ...figures], page)));
  makeFolder(folder);
  for (const [name, content] of files) await writeFile(join(folder, name), content);
  return files.map(([name]) => join(folder, name));
}
