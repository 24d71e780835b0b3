import type { Figure, JsonObject } from "@isthmus/core";
import { contourLayer } from "./contour-layer.js";
import { isOff, markLayers } from "./mark-layers.js";
import { type PlanePicture, plotSize, reading, short, tooltipOf } from "./plane-picture.js";

/** More grid points than this have no values to hover over. */
const MOST_CELLS = 61 * 61;
/** Cells around the grid points, drawn as nothing: hovering over one shows its values. */
function cellLayers({ x, y, grids }: PlanePicture): readonly JsonObject[] {
  if (x.length * y.length > MOST_CELLS) return [];
  const [dx, dy] = [x, y].map((axis) => (axis[1] - axis[0]) / 2);
  const names = Object.keys(grids);
  const values = y.flatMap((row, j) =>
    x.map((column, i) => ({
      x: short(column),
      y: short(row),
      ...Object.fromEntries(names.map((name) => [name, reading(grids[name][j * x.length + i])])),
    })),
  );
  return [
    {
      data: { values },
      transform: [
        { calculate: `datum.x - ${short(dx)}`, as: "left" },
        { calculate: `datum.x + ${short(dx)}`, as: "right" },
        { calculate: `datum.y - ${short(dy)}`, as: "bottom" },
        { calculate: `datum.y + ${short(dy)}`, as: "top" },
      ],
      mark: { type: "rect", opacity: 0, clip: true, aria: false },
      encoding: {
        x: { field: "left", type: "quantitative" },
        x2: { field: "right" },
        y: { field: "bottom", type: "quantitative" },
        y2: { field: "top" },
        tooltip: ["x", "y", ...names].map((field) => tooltipOf(field)),
      },
    },
  ];
}

/** The curve and the straight line between the first two networks: white on a dark casing, told apart by dashes. */
function wayLayers({ curve, marks: [a, b] }: PlanePicture): readonly JsonObject[] {
  const ways = [
    { way: "straight line", points: [a, b] },
    ...(curve.length > 0 ? [{ way: "curve", points: curve }] : []),
  ];
  const values = ways.flatMap(({ way, points }) =>
    points.map(({ x, y }, order) => ({ way, order, x: short(x), y: short(y) })),
  );
  const shared = {
    x: { field: "x", type: "quantitative" },
    y: { field: "y", type: "quantitative" },
    order: { field: "order", type: "quantitative" },
  };
  const dashes = {
    domain: ["curve", "straight line"],
    range: [
      [1, 0],
      [5, 4],
    ],
  }; // prettier-ignore
  const line = { type: "line", tooltip: null, strokeCap: "butt" };
  return [
    {
      data: { values },
      mark: { ...line, color: "black", strokeWidth: 4, opacity: 0.55 },
      encoding: { ...shared, detail: { field: "way" } },
    },
    {
      data: { values },
      mark: { ...line, color: "white", strokeWidth: 2 },
      encoding: {
        ...shared,
        strokeDash: {
          field: "way",
          type: "nominal",
          title: "paths",
          scale: dashes,
          legend: {
            values: ways.map(({ way }) => way).toReversed(),
            symbolType: "stroke",
            symbolSize: 500,
            symbolStrokeColor: "black",
          },
        },
      },
    },
  ];
}

/**
 * Filled contours of one grid over the plane at seven levels above its minimum ({@link contourLevels}), with the networks, the
 * curve and the straight line. Axes are Euclidean distances in weight space, of the same scale.
 */
export function planeFigure(picture: PlanePicture): Figure {
  const { x, y, marks, title } = picture;
  const [a, b, c] = marks;
  const size = plotSize(picture);
  const axis = (values: readonly number[], text: string) => ({
    type: "quantitative",
    title: text,
    scale: { domain: [short(values[0]), short(values[values.length - 1])], nice: false, zero: false },
    axis: { grid: false },
  });
  const across = axis(x, `distance in weight space, from ${a.name} towards ${b.name}`);
  const up = axis(y, `distance from that line, towards ${c.name}`);
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: {
      text: `${title} on the plane through ${a.name}, ${b.name} and ${c.name}`,
      ...(marks.some((mark) => isOff(mark, marks))
        ? { subtitle: "“off”: distance of a network from the plane" }
        : {}),
    },
    width: size.width,
    height: size.height,
    resolve: { scale: { color: "independent", strokeDash: "independent" } },
    layer: [
      contourLayer(picture, size),
      ...cellLayers(picture),
      ...wayLayers(picture),
      ...markLayers(picture, size),
    ].map((layer) => withAxes(layer, across, up)),
  };
}

/** A layer with the picture's axes on its x and y. */
function withAxes(layer: JsonObject, x: JsonObject, y: JsonObject): JsonObject {
  const encoding = layer.encoding as Readonly<Record<string, JsonObject>>;
  if (encoding.x === undefined) return layer;
  return { ...layer, encoding: { ...encoding, x: { ...x, ...encoding.x }, y: { ...y, ...encoding.y } } };
}
