import { badInput } from "./plot-error.js";
import type { Spec } from "./spec.js";
import { categoricalColors } from "./theme.js";

/** One bar: a model, and its accuracy under each seed. */
export interface Bar {
  readonly label: string;
  /** Accuracies in percent, 0 to 100, one per seed. */
  readonly values: readonly number[];
}

/** What a bar chart shows. */
export interface BarChartInput {
  readonly title?: string;
  /** From top to bottom; labels differ. */
  readonly bars: readonly Bar[];
  /** Title of the percent axis; "accuracy (%)" unless given. */
  readonly measure?: string;
}

/** Distance between the rows of two bars, px. */
const rowHeight = 40;
/** Points of one bar are spread over this height, px. */
const spread = 16;

/**
 * Accuracy per model: a bar to the mean over seeds, an error bar of one standard deviation to either side (population:
 * divided by the number of seeds) and a point for each seed. The mean ± deviation is written beside the bar. A model
 * with a single seed has neither error bar nor point.
 *
 * @throws PlotError `plot/bad-input` for no bars, a bar without values, a value outside 0 to 100, or a repeated label.
 * @example barChart({ bars: [{ label: "OT fusion", values: [97.1, 96.8] }, { label: "average", values: [41, 55.3] }] })
 */
export function barChart({ title, bars, measure = "accuracy (%)" }: BarChartInput): Spec {
  checkBars(bars);
  const summaries = bars.map(summarize);
  const several = bars.filter(({ values }) => values.length > 1);
  const points = several.flatMap(({ label, values }) =>
    values.map((value, seed) => ({ label, value, shift: spread * (seed / (values.length - 1) - 0.5) })),
  );
  const y = {
    field: "label",
    type: "nominal",
    sort: null,
    title: null,
    axis: { ticks: false, domain: false },
  };
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    ...(title === undefined ? {} : { title }),
    width: 420,
    height: { step: rowHeight },
    layer: [
      {
        data: { values: summaries },
        mark: {
          type: "bar",
          height: { band: 0.7 },
          color: categoricalColors[5],
          tooltip: { content: "data" },
        },
        encoding: {
          y,
          x: {
            field: "mean",
            type: "quantitative",
            title: measure,
            scale: { domain: [0, 100], nice: false },
          },
        },
      },
      {
        data: { values: points },
        mark: {
          type: "point",
          opacity: 0.75,
          color: categoricalColors[1],
          size: 22,
          yOffset: { expr: "datum.shift" },
        },
        encoding: { y, x: { field: "value", type: "quantitative" } },
      },
      {
        data: { values: summaries.filter(({ seeds }) => seeds > 1) },
        mark: { type: "errorbar", color: "black", thickness: 1.5, ticks: { size: 10, color: "black" } },
        encoding: {
          y,
          x: { field: "low", type: "quantitative", title: measure },
          x2: { field: "high" },
        },
      },
      {
        data: { values: summaries },
        mark: { type: "text", align: "left", dx: 8 },
        encoding: { y, x: { field: "end", type: "quantitative" }, text: { field: "text", type: "nominal" } },
      },
    ],
  };
}

function summarize({ label, values }: Bar) {
  const seeds = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / seeds;
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / seeds);
  const text = seeds > 1 ? `${mean.toFixed(2)} ± ${std.toFixed(2)}` : mean.toFixed(2);
  const low = mean - std;
  const high = mean + std;
  return { label, mean, std, seeds, low, high, text, end: Math.max(high, ...values) };
}

function checkBars(bars: readonly Bar[]): void {
  if (bars.length === 0) throw badInput("A bar chart has no bars.", "Give at least one { label, values }.");
  const labels = new Set<string>();
  for (const { label, values } of bars) {
    if (labels.has(label)) {
      throw badInput(`Two bars are labeled "${label}".`, "Give each model a label of its own.");
    }
    labels.add(label);
    const wrong = values.find((value) => !(value >= 0 && value <= 100));
    if (values.length === 0 || wrong !== undefined) {
      throw badInput(
        `The bar "${label}" has ${values.length === 0 ? "no values" : `the value ${wrong}`}.`,
        "Give the accuracy of each seed in percent, 0 to 100.",
      );
    }
  }
}
