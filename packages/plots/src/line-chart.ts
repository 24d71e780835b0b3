import { badInput } from "./plot-error.js";
import type { Spec } from "./spec.js";
import { categoricalColors, dashPatterns } from "./theme.js";

/** One line of a chart. */
export interface Series {
  readonly name: string;
  /** Positions along x, finite. */
  readonly x: ArrayLike<number>;
  /** Values, as many as `x`; a value that is not finite leaves a gap in the line. */
  readonly y: ArrayLike<number>;
  /** Edges of a band around the line, as many as `x` each. */
  readonly band?: { readonly low: ArrayLike<number>; readonly high: ArrayLike<number> };
}

/** What a line chart shows. */
export interface LineChartInput {
  readonly title?: string;
  readonly xTitle: string;
  readonly yTitle: string;
  /** In the order of the legend; names differ. */
  readonly series: readonly Series[];
}

/**
 * Series over x, such as loss along a curve between two networks, t from 0 to 1. Series differ by color and by dash, so
 * that they are told apart in a black-and-white print as well. One series shows no legend.
 *
 * @throws PlotError `plot/bad-input` for no series, a repeated name, arrays of different lengths, or an x that is not
 * finite.
 * @example
 * lineChart({
 *   xTitle: "t",
 *   yTitle: "test error (%)",
 *   series: [{ name: "bezier", x: [0, 0.5, 1], y: [2.1, 2.3, 2.0] }],
 * })
 */
export function lineChart({ title, xTitle, yTitle, series }: LineChartInput): Spec {
  checkSeries(series);
  const names = series.map(({ name }) => name);
  const rows = series.flatMap(toRows);
  const legend = series.length === 1 ? null : { title: null, symbolSize: 400 };
  const color = {
    field: "series",
    type: "nominal",
    scale: { domain: names, range: names.map((_, i) => cycle(categoricalColors, i)) },
    legend,
  };
  const strokeDash = {
    field: "series",
    type: "nominal",
    scale: { domain: names, range: names.map((_, i) => cycle(dashPatterns, i)) },
    legend,
  };
  const x = { field: "x", type: "quantitative", title: xTitle, scale: { nice: false, zero: false } };
  const value = { type: "quantitative", title: yTitle, scale: { zero: false } };
  const bands = series.flatMap(({ x: xs, band }, i) =>
    band === undefined
      ? []
      : [
          {
            data: { values: bandRows(xs, band) },
            mark: { type: "area", opacity: 0.2, color: cycle(categoricalColors, i), tooltip: null },
            encoding: { x, y: { field: "low", ...value }, y2: { field: "high" } },
          },
        ],
  );
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    ...(title === undefined ? {} : { title }),
    width: 460,
    height: 300,
    data: { values: rows },
    layer: [
      ...bands,
      {
        mark: { type: "line", tooltip: { content: "data" } },
        encoding: { x, y: { field: "y", ...value }, color, strokeDash },
      },
    ],
  };
}

function toRows({ name, x, y }: Series) {
  return Array.from(x, (at, i) => ({ series: name, x: at, y: finiteOrNull(y[i]) }));
}

/** Where an edge is not finite the band has a gap, like its line. */
function bandRows(x: Series["x"], { low, high }: NonNullable<Series["band"]>) {
  return Array.from(x, (at, i) =>
    Number.isFinite(low[i]) && Number.isFinite(high[i])
      ? { x: at, low: low[i] as number, high: high[i] as number }
      : { x: at, low: null, high: null },
  );
}

function finiteOrNull(value: number | undefined): number | null {
  return Number.isFinite(value) ? (value as number) : null;
}

function cycle<T>(values: readonly T[], i: number): T {
  return values[i % values.length] as T;
}

function checkSeries(series: readonly Series[]): void {
  if (series.length === 0) {
    throw badInput("A line chart has no series.", "Give at least one { name, x, y }.");
  }
  const names = new Set<string>();
  for (const { name, x, y, band } of series) {
    if (names.has(name)) {
      throw badInput(`Two series are named "${name}".`, "Give each series a name of its own.");
    }
    names.add(name);
    const lengths = [x, y, ...(band === undefined ? [] : [band.low, band.high])].map(({ length }) => length);
    if (new Set(lengths).size > 1 || x.length === 0) {
      throw badInput(
        `The arrays of the series "${name}" have ${lengths.join(", ")} elements.`,
        "Give as many y (and band edges) as x, at least one.",
      );
    }
    const wrong = Array.from(x).findIndex((at) => !Number.isFinite(at));
    if (wrong >= 0) {
      throw badInput(
        `x[${wrong}] of the series "${name}" is ${x[wrong]}.`,
        "Positions along x are finite numbers.",
      );
    }
  }
}
