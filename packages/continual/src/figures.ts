import type { Figure } from "@isthmus/core";
import type { AccuracyMatrix } from "./metrics.js";

/** The matrices of one row of the table, one for each seed. */
export interface RowMatrices {
  readonly row: string;
  /** Key of the recipe from which the row comes. */
  readonly group: string;
  /** Number of images that its memory was told to keep; null without one. */
  readonly memory: number | null;
  readonly matrices: readonly AccuracyMatrix[];
}

const SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json";

/** Up to so many tasks the numbers of a heat map are written into it. */
const WRITTEN = 10;

/** Mean and population standard deviation, in percent. */
function percent(values: readonly number[]): { mean: number; low: number; high: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return { mean: 100 * mean, low: 100 * (mean - std), high: 100 * (mean + std) };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / values.length;

/** Number of panels side by side: at most four, and no line much emptier than the others. */
const panels = (count: number): number => Math.ceil(count / Math.ceil(count / 4));

/** Rows that learn task after task: those that learn once have no curve. */
const stepwise = (rows: readonly RowMatrices[]) =>
  rows.filter(({ matrices: [first] }) => first.length === first[0].length && first.length > 1);

/** A line with a band of one standard deviation on either side. */
function bandedLine(
  values: readonly object[],
  x: { readonly field: string; readonly title: string; readonly scale?: object; readonly axis?: object },
  y: string,
  color: { readonly field: string; readonly title: string; readonly domain: readonly string[] },
): Figure {
  const hue = {
    field: color.field,
    type: "nominal",
    title: color.title,
    scale: { domain: color.domain },
    legend: { symbolType: "stroke" },
  };
  const across = { ...x, type: "quantitative" };
  return {
    layer: [
      {
        mark: { type: "area", opacity: 0.2 },
        encoding: {
          x: across,
          y: { field: "low", type: "quantitative", title: y },
          y2: { field: "high" },
          color: hue,
        },
      },
      {
        mark: { type: "line", point: { size: 18 } },
        encoding: {
          x: across,
          y: { field: "mean", type: "quantitative", title: y },
          color: hue,
        },
      },
    ],
    data: { values },
  } as unknown as Figure;
}

/** R[i][j], mean over seeds, in percent: one heat map for each row of the table. */
export function matrixFigure(rows: readonly RowMatrices[]): Figure | undefined {
  const shown = stepwise(rows);
  if (shown.length === 0) return undefined;
  const tasks = shown[0].matrices[0].length;
  const values = shown.flatMap(({ row, matrices }) =>
    matrices[0].flatMap((line, i) =>
      line.map((_, j) => ({
        row,
        learned: i + 1,
        task: j + 1,
        accuracy: 100 * mean(matrices.map((matrix) => matrix[i][j])),
      })),
    ),
  );
  const position = {
    x: { field: "task", type: "ordinal", title: "tested on task", axis: { labelAngle: 0 } },
    y: { field: "learned", type: "ordinal", title: "after task" },
  };
  const text = {
    mark: { type: "text", fontSize: 9 },
    encoding: {
      ...position,
      text: { field: "accuracy", type: "quantitative", format: ".0f" },
      color: { condition: { test: "datum.accuracy > 50", value: "black" }, value: "white" },
    },
  };
  const rect = {
    mark: "rect",
    encoding: {
      ...position,
      color: {
        field: "accuracy",
        type: "quantitative",
        title: "accuracy (%)",
        scale: { domain: [0, 100] },
      },
    },
  };
  const side = Math.max(120, Math.min(300, 28 * tasks));
  return {
    $schema: SCHEMA,
    data: { values },
    facet: { field: "row", type: "nominal", title: null, sort: shown.map(({ row }) => row) },
    columns: panels(shown.length),
    spec: { width: side, height: side, layer: tasks <= WRITTEN ? [rect, text] : [rect] },
  } as unknown as Figure;
}

/** Average accuracy on the tasks seen so far, after each task. */
export function seenFigure(rows: readonly RowMatrices[]): Figure | undefined {
  const shown = stepwise(rows);
  if (shown.length === 0) return undefined;
  const values = shown.flatMap(({ row, matrices }) =>
    matrices[0].map((_, i) => ({
      row,
      learned: i + 1,
      ...percent(matrices.map((matrix) => mean(matrix[i].slice(0, i + 1)))),
    })),
  );
  const domain = shown.map(({ row }) => row);
  return {
    $schema: SCHEMA,
    width: 360,
    height: 240,
    ...bandedLine(
      values,
      { field: "learned", title: "tasks learned", axis: { tickMinStep: 1 } },
      "accuracy on tasks seen (%)",
      { field: "row", title: "learner", domain },
    ),
  } as unknown as Figure;
}

/** Accuracy on each task from when it is learned, one panel for each row of the table. */
export function tasksFigure(rows: readonly RowMatrices[]): Figure | undefined {
  const shown = stepwise(rows);
  if (shown.length === 0) return undefined;
  const tasks = shown[0].matrices[0].length;
  const values = shown.flatMap(({ row, matrices }) =>
    matrices[0].flatMap((line, i) =>
      line.slice(0, i + 1).map((_, j) => ({
        row,
        task: String(j + 1),
        learned: i + 1,
        ...percent(matrices.map((matrix) => matrix[i][j])),
      })),
    ),
  );
  const { data, ...layered } = bandedLine(
    values,
    { field: "learned", title: "tasks learned", axis: { tickMinStep: 1 } },
    "accuracy (%)",
    { field: "task", title: "task", domain: Array.from({ length: tasks }, (_, j) => String(j + 1)) },
  );
  return {
    $schema: SCHEMA,
    data,
    facet: { field: "row", type: "nominal", title: null, sort: shown.map(({ row }) => row) },
    columns: panels(shown.length),
    spec: { width: 180, height: 150, ...layered },
  } as unknown as Figure;
}

/** Accuracy at the end by the size of the memory, where there are several sizes; rows without a memory are dashed lines. */
export function memoryFigure(rows: readonly RowMatrices[]): Figure | undefined {
  const final = ({ matrices }: RowMatrices) =>
    percent(matrices.map((matrix) => mean(matrix[matrix.length - 1])));
  const sized = rows.filter(({ memory }) => memory !== null);
  const sizes = [...new Set(sized.map(({ memory }) => memory as number))].sort((a, b) => a - b);
  if (sizes.length < 2) return undefined;
  const domain = [...new Set(rows.map(({ group }) => group))];
  const values = sized.map((each) => ({ group: each.group, memory: each.memory, ...final(each) }));
  const constants = rows
    .filter(({ memory }) => memory === null)
    .map((each) => ({ group: each.group, ...final(each) }));
  const { layer, data } = bandedLine(
    values,
    {
      field: "memory",
      title: "images in memory",
      scale: { type: "log", base: 2, domain: [sizes[0], sizes[sizes.length - 1]] },
      axis: { values: sizes },
    },
    "average accuracy (%)",
    { field: "group", title: "learner", domain },
  );
  const rule = {
    data: { values: constants },
    mark: { type: "rule", strokeDash: [4, 3] },
    encoding: {
      y: { field: "mean", type: "quantitative" },
      color: { field: "group", type: "nominal", title: "learner", scale: { domain } },
    },
  };
  return {
    $schema: SCHEMA,
    width: 360,
    height: 240,
    data,
    layer: [...(layer as Figure[]), ...(constants.length === 0 ? [] : [rule])],
  } as unknown as Figure;
}
