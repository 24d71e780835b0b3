import type { Figure } from "@isthmus/core";
import { MEASURE_TITLES, type Measure } from "./evaluation-data.js";

/** Side of a pair's square, px: room for a number of five digits. */
const SQUARE = 60;

/** The barriers between networks as a matrix with its numbers; row and column i are `names[i]`, and the diagonal is empty. */
export function barriersFigure(
  matrix: ArrayLike<number>,
  names: readonly string[],
  split: "train" | "test",
  measure: Measure,
): Figure {
  const count = names.length;
  const values = names.flatMap((first, i) =>
    names.flatMap((second, j) =>
      i === j ? [] : [{ first, second, value: Number(matrix[i * count + j].toPrecision(6)) }],
    ),
  );
  const heights = values.map(({ value }) => value);
  const middle = (Math.min(...heights) + Math.max(...heights)) / 2;
  const title = `${split} ${MEASURE_TITLES[measure]}`;
  const side = (field: string, orient: string) => ({
    field,
    type: "nominal",
    title: null,
    sort: names,
    axis: {
      grid: false,
      orient,
      domain: false,
      ticks: false,
      ...(orient === "bottom" ? { labelAngle: -30 } : {}),
    },
  });
  const scale = { scheme: "viridis", ...(middle === heights[0] ? { domain: [0, middle || 1] } : {}) };
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: `Barrier of the ${title}`,
    width: SQUARE * count,
    height: SQUARE * count,
    data: { values },
    encoding: { x: side("second", "bottom"), y: side("first", "left") },
    layer: [
      {
        mark: { type: "rect" },
        encoding: {
          color: {
            field: "value",
            type: "quantitative",
            title,
            scale,
            legend: { gradientLength: Math.min(200, SQUARE * count) },
          },
          tooltip: [
            { field: "first", type: "nominal", title: "from" },
            { field: "second", type: "nominal", title: "to" },
            { field: "value", type: "quantitative", title },
          ],
        },
      },
      {
        mark: { type: "text" },
        encoding: {
          text: { field: "value", type: "quantitative", format: ".3~g" },
          color: { condition: { test: `datum.value > ${middle}`, value: "#000000" }, value: "#ffffff" },
        },
      },
    ],
  };
}
