import type { Figure } from "@isthmus/core";
import { bandedLine, learnerLines } from "./banded-line.js";
import { mean, percent, type RowMatrices, SCHEMA, sizesOf, sizeTitle } from "./row-matrices.js";

/** Accuracy at the end by the size of the memory, where there are several sizes; rows without a memory are level lines. */
export function memoryFigure(rows: readonly RowMatrices[]): Figure | undefined {
  const sizes = sizesOf(rows);
  if (sizes.length < 2) return undefined;
  const groups = [...new Set(rows.map(({ group }) => group))];
  const final = ({ matrices }: RowMatrices) =>
    percent(matrices.map((matrix) => mean(matrix[matrix.length - 1])));
  const values = rows.flatMap((each) =>
    (each.memory === null ? [sizes[0], sizes[sizes.length - 1]] : [each.memory.size]).map((size) => ({
      group: each.group,
      memory: size,
      ...final(each),
    })),
  );
  return {
    $schema: SCHEMA,
    width: 360,
    height: 240,
    ...bandedLine(
      values,
      {
        field: "memory",
        title: sizeTitle(rows),
        scale: { type: "log", base: 2, domain: [sizes[0], sizes[sizes.length - 1]] },
        axis: { values: sizes },
      },
      "average accuracy (%)",
      learnerLines("group", groups, groups),
    ),
  } as unknown as Figure;
}
