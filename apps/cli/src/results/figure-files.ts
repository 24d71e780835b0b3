import { type NamedFigure, plots, withDistinctNames } from "./figures.js";

/** A file's name and content. */
export type ResultFile = readonly [name: string, content: string | Uint8Array];

/** What the page of all figures says. */
export interface FigurePage {
  readonly title: string;
  readonly description: string;
  /** Takes a remark for people: a figure that could not be drawn. */
  readonly warn: (message: string) => void;
}

/** A figure as files; undefined, with a warning, where it cannot be drawn. */
async function drawn({ name, title, spec }: NamedFigure, warn: FigurePage["warn"]) {
  const { renderSvg, renderPng } = await plots();
  try {
    const files: ResultFile[] = [
      [`${name}.svg`, await renderSvg(spec)],
      [`${name}.png`, await renderPng(spec)],
    ];
    return files;
  } catch (error) {
    warn(`The figure "${title}" could not be drawn: ${(error as Error).message}`);
    return undefined;
  }
}

/** Every figure as SVG and PNG, and all of them as one `report.html`. A figure that cannot be drawn is left out with a warning. */
export async function figureFiles(
  figures: readonly NamedFigure[],
  { title, description, warn }: FigurePage,
): Promise<readonly ResultFile[]> {
  const files: ResultFile[] = [];
  const shown: NamedFigure[] = [];
  for (const figure of withDistinctNames(figures)) {
    const pictures = await drawn(figure, warn);
    if (pictures === undefined) continue;
    files.push(...pictures);
    shown.push(figure);
  }
  if (shown.length === 0) return files;
  const { renderHtml } = await plots();
  return [...files, ["report.html", await renderHtml({ title, description, figures: shown })]];
}
