import type { Figure } from "@isthmus/core";
import { bandedLine, learnerLines, taskLines } from "./banded-line.js";
import {
  inPanels,
  mean,
  percent,
  type RowMatrices,
  SCHEMA,
  sizesOf,
  sizeTitle,
  stepwise,
} from "./row-matrices.js";

const LEARNED = { field: "learned", title: "tasks learned", axis: { tickMinStep: 1 } };

/**
 * Average accuracy on the tasks seen so far, after each task. Where rows differ in the size of their memory there is a panel for
 * each size, and rows without a memory are in all of them.
 */
export function seenFigure(rows: readonly RowMatrices[]): Figure | undefined {
  const shown = stepwise(rows);
  if (shown.length === 0) return undefined;
  const sizes = sizesOf(shown);
  const several = sizes.length > 1;
  const nameOf = ({ row, group }: RowMatrices) => (several ? group : row);
  const values = shown.flatMap((each) => {
    const { memory, matrices } = each;
    const line = matrices[0].map((_, i) => ({
      row: nameOf(each),
      learned: i + 1,
      ...percent(matrices.map((matrix) => mean(matrix[i].slice(0, i + 1)))),
    }));
    const inPanels = several && memory === null ? sizes : [memory?.size ?? null];
    return inPanels.flatMap((size) => line.map((point) => ({ ...point, memory: size })));
  });
  const domain = [...new Set(values.map(({ row }) => row))];
  const { data, ...layered } = bandedLine(
    values,
    LEARNED,
    "accuracy on tasks seen (%)",
    learnerLines("row", domain, [...new Set(rows.map(nameOf))]),
  );
  const figure = several
    ? inPanels(
        sizes.length,
        { field: "memory", type: "ordinal", title: sizeTitle(shown) },
        { width: 180, height: 150, ...layered },
      )
    : { width: 360, height: 240, ...layered };
  return { $schema: SCHEMA, data, ...figure } as unknown as Figure;
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
        task: j + 1,
        learned: i + 1,
        ...percent(matrices.map((matrix) => matrix[i][j])),
      })),
    ),
  );
  const { data, ...layered } = bandedLine(values, LEARNED, "accuracy (%)", taskLines(tasks));
  return {
    $schema: SCHEMA,
    data,
    ...inPanels(
      shown.length,
      { field: "row", type: "nominal", title: null, sort: shown.map(({ row }) => row) },
      { width: 180, height: 150, ...layered },
    ),
  } as unknown as Figure;
}
