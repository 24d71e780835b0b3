import type { JsonObject } from "@isthmus/core";
import { contourLevels, regionAbove } from "./contours.js";
import type { PlanePicture, PlotSize } from "./plane-picture.js";

/** `< 0.1`, `0.1 – 0.2`, …, `> 6.4`, from the lowest class. */
function classNames(levels: readonly number[]): readonly string[] {
  if (levels.length === 0) return ["equal everywhere"];
  const between = levels.slice(1).map((level, i) => `${levels[i]} – ${level}`);
  return [`< ${levels[0]}`, ...between, `> ${levels[levels.length - 1]}`];
}

/** Filled contours: the lowest class everywhere, and each higher one over it where the values reach it. */
export function contourLayer(picture: PlanePicture, { width, height }: PlotSize): JsonObject {
  const { x, y, grids, key, title } = picture;
  const grid = { columns: x.length, rows: y.length, values: grids[key] };
  const levels = contourLevels(grid.values);
  const names = classNames(levels);
  const pixel = ([column, row]: readonly [number, number]) => [
    Number(((column / (grid.columns - 1)) * width).toFixed(1)),
    Number(((1 - row / (grid.rows - 1)) * height).toFixed(1)),
  ];
  const everywhere = [
    [
      [
        [0, 0],
        [0, height],
        [width, height],
        [width, 0],
        [0, 0],
      ],
    ],
  ]; // prettier-ignore
  const regions = levels.map((level) =>
    regionAbove(grid, level).map((polygon) => polygon.map((ring) => ring.map(pixel))),
  );
  const values = [everywhere, ...regions].map((coordinates, i) => ({
    type: "Feature",
    class: names[i],
    geometry: { type: "MultiPolygon", coordinates },
  }));
  return {
    data: { values },
    projection: { type: "identity", scale: 1, translate: [0, 0] },
    mark: {
      type: "geoshape",
      clip: true,
      stroke: "white",
      strokeWidth: 0.6,
      strokeOpacity: 0.7,
      tooltip: null,
    },
    encoding: {
      color: {
        field: "class",
        type: "ordinal",
        title,
        scale: { domain: names.toReversed(), scheme: { name: "viridis", extent: [1, 0] } },
        legend: { symbolType: "square", symbolSize: 220, symbolOpacity: 1, symbolStrokeWidth: 0 },
      },
    },
  };
}
