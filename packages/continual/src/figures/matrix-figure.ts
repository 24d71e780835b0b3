import type { Figure } from "@isthmus/core";
import { inPanels, mean, type RowMatrices, SCHEMA, stepwise } from "./row-matrices.js";

/** Up to so many tasks the numbers of a heat map are written into it. */
const WRITTEN = 10;

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
    ...inPanels(
      shown.length,
      { field: "row", type: "nominal", title: null, sort: shown.map(({ row }) => row) },
      { width: side, height: side, layer: tasks <= WRITTEN ? [rect, text] : [rect] },
    ),
  } as unknown as Figure;
}
