import { renderAsync } from "@resvg/resvg-js";
import { fontFamily, fontFiles } from "./fonts.js";
import { badInput, messageOf, PlotError } from "./plot-error.js";
import { type RenderOptions, renderSvg } from "./render-svg.js";
import type { Spec } from "./spec.js";

/** How to draw one figure as PNG. */
export interface PngOptions extends RenderOptions {
  /** Pixels per px of the figure, above 0 and at most 10; 2 unless given. */
  readonly scale?: number;
}

/**
 * Draws a vega-lite specification as PNG. The only fonts are DejaVu Sans regular and bold from this package's
 * dependencies, so the same specification and scale give the same bytes on every run, whatever fonts the system has.
 *
 * @throws PlotError as {@link renderSvg}; `plot/bad-input` for a scale out of range.
 */
export async function renderPng(spec: Spec, options: PngOptions = {}): Promise<Uint8Array> {
  const { scale = 2, ...rest } = options;
  if (!(scale > 0 && scale <= 10)) {
    throw badInput(`The scale of a PNG is ${scale}.`, "Give a number above 0 and at most 10.");
  }
  const svg = await renderSvg(spec, rest);
  try {
    // resvg knows only `optimizeSpeed`, which vega writes first, and smooths where `pixelated` follows it.
    const image = await renderAsync(svg.replaceAll("image-rendering: pixelated;", ""), {
      fitTo: { mode: "zoom", value: scale },
      font: {
        loadSystemFonts: false,
        fontFiles: [...fontFiles],
        defaultFontFamily: fontFamily,
        serifFamily: fontFamily,
        sansSerifFamily: fontFamily,
        monospaceFamily: fontFamily,
      },
    });
    return new Uint8Array(image.asPng());
  } catch (cause) {
    throw new PlotError({
      code: "plot/render-failed",
      message: `The figure's SVG could not be turned into a PNG: ${messageOf(cause)}`,
      hint: "Check the size of the figure: width × height × scale² pixels must fit in memory.",
      cause,
    });
  }
}
