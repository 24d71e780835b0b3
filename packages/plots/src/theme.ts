import type { Spec } from "./spec.js";

/**
 * Okabe and Ito's eight colors, told apart under the common color-vision deficiencies, darkest on white first
 * (Okabe & Ito 2008, "Color Universal Design").
 */
export const categoricalColors = [
  "#0072B2",
  "#D55E00",
  "#009E73",
  "#CC79A7",
  "#E69F00",
  "#56B4E9",
  "#000000",
  "#F0E442",
] as const;

/** Dash patterns (px on, px off) that tell series apart in a black-and-white print; the first is a solid line. */
export const dashPatterns: readonly (readonly number[])[] = [
  [1, 0],
  [7, 3],
  [2, 2],
  [9, 3, 2, 3],
  [4, 2],
  [12, 4],
  [9, 3, 2, 3, 2, 3],
  [5, 5],
];

const ink = "#222222";
const font = "DejaVu Sans, Verdana, sans-serif";

/**
 * The vega-lite `config` under every figure: DejaVu Sans, white background, sizes that stay legible in print, the
 * Okabe-Ito palette for categories and viridis for numbers. A figure's own `config` wins, key by key.
 */
export const theme: Spec = {
  background: "white",
  padding: 10,
  font,
  view: { stroke: "#bbbbbb", continuousWidth: 420, continuousHeight: 280, step: 32 },
  title: {
    anchor: "start",
    color: ink,
    fontSize: 15,
    fontWeight: "bold",
    subtitleFontSize: 12,
    subtitleColor: "#555555",
    offset: 12,
  },
  axis: {
    labelColor: ink,
    titleColor: ink,
    labelFontSize: 12,
    titleFontSize: 13,
    titleFontWeight: "normal",
    titlePadding: 8,
    labelLimit: 260,
    labelPadding: 5,
    labelFlush: false,
    domainColor: "#666666",
    tickColor: "#666666",
    gridColor: "#e4e4e4",
  },
  legend: {
    labelColor: ink,
    titleColor: ink,
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: "normal",
    labelLimit: 260,
    titleLimit: 260,
    titlePadding: 10,
    symbolStrokeWidth: 2,
    symbolSize: 120,
  },
  header: {
    labelFontSize: 12,
    titleFontSize: 13,
    labelColor: ink,
    titleColor: ink,
    titleFontWeight: "normal",
  },
  text: { fontSize: 12, color: ink },
  line: { strokeWidth: 2 },
  point: { filled: true, size: 30 },
  bar: { color: categoricalColors[0] },
  range: {
    category: [...categoricalColors],
    heatmap: { scheme: "viridis" },
    ramp: { scheme: "viridis" },
    ordinal: { scheme: "viridis" },
  },
};
