import type { AccuracyMatrix } from "../metrics.js";

/** How many images the memory of a row of the table was told to keep. */
export interface MemorySize {
  readonly size: number;
  readonly per: "task" | "total";
}

/** The matrices of one row of the table, one for each seed. */
export interface RowMatrices {
  readonly row: string;
  /** Key of the recipe from which the row comes. */
  readonly group: string;
  /** Null without a memory. */
  readonly memory: MemorySize | null;
  readonly matrices: readonly AccuracyMatrix[];
}

/** Of figures of this package. */
export const SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json";

/** Arithmetic mean. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / values.length;

/** Mean of shares in percent, and one population standard deviation on either side. */
export function percent(values: readonly number[]): { mean: number; low: number; high: number } {
  const middle = mean(values);
  const std = Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
  return { mean: 100 * middle, low: 100 * (middle - std), high: 100 * (middle + std) };
}

/**
 * A specification drawn in `count` panels: at most four side by side, and no line much emptier than the others. Each has an x axis
 * of its own: a common one is drawn below the last line, also where that has no panel.
 */
export const inPanels = (count: number, facet: object, spec: object): object => ({
  facet,
  columns: Math.ceil(count / Math.ceil(count / 4)),
  resolve: { axis: { x: "independent" } },
  spec,
});

/** Rows that learn task after task: those that learn once have no curve. */
export const stepwise = (rows: readonly RowMatrices[]): readonly RowMatrices[] =>
  rows.filter(({ matrices: [first] }) => first.length === first[0].length && first.length > 1);

/** Sizes of the memories of all rows, ascending. */
export const sizesOf = (rows: readonly RowMatrices[]): readonly number[] =>
  [...new Set(rows.flatMap(({ memory }) => (memory === null ? [] : [memory.size])))].sort((a, b) => a - b);

/** What a size counts: `images in memory`, for each task where all rows count so. */
export function sizeTitle(rows: readonly RowMatrices[]): string {
  const perTask = rows.every(({ memory }) => memory === null || memory.per === "task");
  return perTask ? "images in memory for each task" : "images in memory";
}
