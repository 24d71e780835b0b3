import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "@isthmus/core/node";
import { renderHtml, renderPng, renderSvg } from "@isthmus/plots";
import { resultsCsv } from "./csv.js";
import type { ResultsDocument } from "./document.js";
import { accuracyFigure, type NamedFigure, withDistinctNames } from "./figures.js";
import { resultsMarkdown, resultsSentence } from "./table.js";

/** What is written and where. */
export interface WriteResultsOptions {
  readonly folder: string;
  readonly document: ResultsDocument;
  /** Figures of the steps. */
  readonly figures: readonly NamedFigure[];
  /** Takes a remark for people: a figure that could not be drawn. */
  readonly warn: (message: string) => void;
}

/** A file's name and content. */
type File = readonly [name: string, content: string | Uint8Array];

/** A figure as files; undefined, with a warning, where it cannot be drawn. */
async function drawn({ name, title, spec }: NamedFigure, warn: (message: string) => void) {
  try {
    const files: File[] = [
      [`${name}.svg`, await renderSvg(spec)],
      [`${name}.png`, await renderPng(spec)],
    ];
    return files;
  } catch (error) {
    warn(`The figure "${title}" could not be drawn: ${(error as Error).message}`);
    return undefined;
  }
}

/**
 * Writes `results.csv`, `results.json`, `table.md`, every figure as SVG and PNG, and all figures as one `report.html`; the
 * same files for the same results. A figure that cannot be drawn is left out with a warning. Returns the paths.
 */
export async function writeResults({
  folder,
  document,
  figures,
  warn,
}: WriteResultsOptions): Promise<readonly string[]> {
  const { recipe, rows, seeds } = document;
  const files: File[] = [
    ["results.csv", resultsCsv(rows, seeds)],
    ["results.json", `${JSON.stringify(document, undefined, 2)}\n`],
    ["table.md", resultsMarkdown(document)],
  ];
  const accuracy = accuracyFigure(rows);
  const shown: NamedFigure[] = [];
  for (const figure of withDistinctNames([...(accuracy ? [accuracy] : []), ...figures])) {
    const pictures = await drawn(figure, warn);
    if (pictures === undefined) continue;
    files.push(...pictures);
    shown.push(figure);
  }
  if (shown.length > 0) {
    files.push([
      "report.html",
      await renderHtml({ title: recipe, description: resultsSentence(document), figures: shown }),
    ]);
  }
  makeFolder(folder);
  for (const [name, content] of files) await writeFile(join(folder, name), content);
  return files.map(([name]) => join(folder, name));
}
