import type { Figure } from "@isthmus/core";
import { MEASURE_TITLES, type Measure } from "./evaluation-data.js";

/** What was measured along a path, at every t. */
export interface DrawnProfile {
  readonly path: "curve" | "straight line";
  readonly split: "train" | "test";
  /** In nats. */
  readonly loss: readonly number[];
  /** In percent. */
  readonly error: readonly number[];
}

/**
 * Loss or error over t. Paths differ in color and, of one split, also in dash; where there are two splits, these differ in dash.
 */
export function pathFigure(
  profiles: readonly DrawnProfile[],
  t: readonly number[],
  measure: Measure,
  [start, end]: readonly [string, string],
): Figure {
  const splits = [...new Set(profiles.map(({ split }) => split))];
  const paths = [...new Set(profiles.map((each) => each.path))];
  const values = profiles.flatMap(({ path, split, [measure]: own }) =>
    t.map((each, i) => ({ path, split, t: each, value: Number.isFinite(own[i]) ? own[i] : null })),
  );
  const channel = (field: string, title: string) => ({
    field,
    type: "nominal",
    title,
    sort: null,
    legend: { symbolType: "stroke", symbolSize: 400 },
  });
  const title = splits.length === 1 ? `${splits[0]} ${MEASURE_TITLES[measure]}` : MEASURE_TITLES[measure];
  const byPath = channel("path", "path");
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    width: 360,
    height: 240,
    data: { values },
    mark: { type: "line", point: splits.length === 1 ? { size: 18 } : false },
    encoding: {
      x: {
        field: "t",
        type: "quantitative",
        title: `t (0: ${start}, 1: ${end})`,
        scale: { domain: [0, 1] },
      },
      y: { field: "value", type: "quantitative", title },
      ...(paths.length > 1 ? { color: byPath } : {}),
      ...(splits.length > 1
        ? { strokeDash: channel("split", "images") }
        : paths.length > 1
          ? { strokeDash: byPath }
          : {}),
      tooltip: [
        { field: "path", type: "nominal" },
        { field: "split", type: "nominal", title: "images" },
        { field: "t", type: "quantitative", format: ".3f" },
        { field: "value", type: "quantitative", title, format: ".4f" },
      ],
    },
  };
}
