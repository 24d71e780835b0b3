import { jsonInsideScript, pageScripts } from "./page-scripts.js";
import { badInput, PlotError } from "./plot-error.js";
import { type RenderOptions, renderSvg } from "./render-svg.js";
import type { Spec } from "./spec.js";
import { theme as defaultTheme } from "./theme.js";

/** A figure of a page. */
export interface PageFigure {
  /** Letters, digits, `-`, `_` and `.`, starting with a letter or digit: its anchor and the name of its downloads. */
  readonly name: string;
  readonly title?: string;
  readonly caption?: string;
  readonly spec: Spec;
}

/** What a page shows. */
export interface PageInput extends RenderOptions {
  readonly title: string;
  /** A paragraph under the title. */
  readonly description?: string;
  /** In the order of the page; names differ. */
  readonly figures: readonly PageFigure[];
}

/**
 * One HTML file with interactive figures: tooltips, and each figure's menu saves it as SVG or PNG or shows its
 * specification. vega, vega-lite and vega-embed are inlined and a content security policy forbids every connection, so
 * the file works from `file://` and without network. Each figure is drawn once beforehand, so that a bad one is reported
 * here and not to the page's reader.
 *
 * @throws PlotError `plot/bad-input` for a bad or repeated name; as {@link renderSvg}, naming the figure.
 * @example
 * await writeFile("report.html", await renderHtml({ title: "MNIST", figures: [{ name: "accuracy", spec }] }));
 */
export async function renderHtml(input: PageInput): Promise<string> {
  const { title, description, figures, theme = defaultTheme } = input;
  checkNames(figures);
  for (const figure of figures) await checkDrawing(figure, input);
  const scripts = [...(await pageScripts()), starter(figures, theme)];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${description === undefined ? "" : `<p>${escapeHtml(description)}</p>\n`}${figures.map(section).join("\n")}
</main>
${scripts.map((script) => `<script>${script}</script>`).join("\n")}
</body>
</html>
`;
}

/** vega compiles expressions to functions (`unsafe-eval`); images and downloads are made in the page. */
const policy = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'unsafe-eval'",
  "style-src 'unsafe-inline'",
  "img-src data: blob:",
].join("; ");

const style = `
body { margin: 0; background: white; color: #222; font: 16px/1.5 "DejaVu Sans", Verdana, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.6rem; }
h2 { font-size: 1.2rem; margin: 0 0 .5rem; }
figure { margin: 2.5rem 0; break-inside: avoid; }
figure > div { display: block; overflow-x: auto; }
figcaption { margin-top: .5rem; font-size: .9rem; color: #444; max-width: 45rem; }
@media print { main { max-width: none; padding: 0; } .vega-embed summary { display: none; } }
`;

function section({ name, title, caption }: PageFigure): string {
  return [
    `<figure id="${name}">`,
    ...(title === undefined ? [] : [`<h2>${escapeHtml(title)}</h2>`]),
    `<div id="${name}:plot"><noscript>This figure needs JavaScript.</noscript></div>`,
    ...(caption === undefined ? [] : [`<figcaption>${escapeHtml(caption)}</figcaption>`]),
    "</figure>",
  ].join("\n");
}

function starter(figures: readonly PageFigure[], config: Spec): string {
  const drawn = figures.map(({ name, spec }) => ({ name, spec }));
  return `
for (const { name, spec } of ${jsonInsideScript(drawn)}) {
  const place = document.getElementById(name + ":plot");
  vegaEmbed(place, spec, {
    mode: "vega-lite",
    renderer: "svg",
    config: ${jsonInsideScript(config)},
    downloadFileName: name,
    actions: { export: true, source: true, compiled: false, editor: false },
  }).catch((error) => { place.textContent = "This figure could not be drawn: " + error.message; });
}
`;
}

function checkNames(figures: readonly PageFigure[]): void {
  const names = new Set<string>();
  for (const { name } of figures) {
    if (!/^[A-Za-z0-9][\w.-]*$/.test(name)) {
      throw badInput(
        `A figure is named ${JSON.stringify(name)}.`,
        "Use letters, digits, -, _ and ., starting with a letter or digit.",
      );
    }
    if (names.has(name)) {
      throw badInput(`Two figures are named "${name}".`, "Give each figure of a page a name of its own.");
    }
    names.add(name);
  }
}

async function checkDrawing({ name, spec }: PageFigure, options: RenderOptions): Promise<void> {
  try {
    await renderSvg(spec, options);
  } catch (cause) {
    if (!(cause instanceof PlotError)) throw cause;
    const { code, hint, message } = cause;
    throw new PlotError({ code, hint, message: `Figure "${name}": ${message}`, cause });
  }
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
