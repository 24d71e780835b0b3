import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as vega from "vega";
import { type FontMetrics, readFontMetrics } from "./font-metrics.js";

const folder = join(dirname(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json")), "ttf");
const regularFile = join(folder, "DejaVuSans.ttf");
const boldFile = join(folder, "DejaVuSans-Bold.ttf");

/** The font files that PNG is drawn with: DejaVu Sans, regular and bold. */
export const fontFiles: readonly string[] = [regularFile, boldFile];

/** The family name of {@link fontFiles}. */
export const fontFamily = "DejaVu Sans";

interface TextItem {
  readonly fontSize?: number;
  readonly fontWeight?: string | number;
  /** vega cuts the text off here, px; 0 for never. */
  readonly limit?: number;
}
type TextWidth = (item: TextItem, text: unknown) => number;

/** vega exports its text measuring for replacement, but its typings leave it out. */
const { textMetrics } = vega as unknown as { textMetrics: { width: TextWidth } };

const measured = new Map<string, FontMetrics>();

/** Width of a text in DejaVu Sans, px, at a size in px. */
export function textWidth(text: string, size: number, bold = false): number {
  const file = bold ? boldFile : regularFile;
  const font = measured.get(file) ?? readFontMetrics(readFileSync(file));
  measured.set(file, font);
  return font.width(text, size);
}

const bundledFontWidth: TextWidth = ({ fontSize = 11, fontWeight, limit = 0 }, text) => {
  const width = textWidth(String(text ?? "").trim(), fontSize, isBold(fontWeight));
  return limit > 0 ? Math.min(width, limit) : width;
};

/**
 * Makes vega lay out text by the widths of DejaVu Sans, the font PNG is drawn with. Without a canvas vega takes every
 * character for 0.8 em wide, which leaves gaps and drops labels that would fit. vega has one measure for the whole
 * process, so the first drawing sets it and it stays.
 */
export function measureTextWithBundledFont(): void {
  textMetrics.width = bundledFontWidth;
}

function isBold(weight: string | number | undefined): boolean {
  return weight === "bold" || weight === "bolder" || Number(weight) >= 600;
}
