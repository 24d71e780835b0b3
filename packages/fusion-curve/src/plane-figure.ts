import type { Figure, JsonObject } from "@isthmus/core";
import { contourLevels, regionAbove } from "./contours.js";
import { placeLabels } from "./place-labels.js";

/** A point of the plane. */
interface Point {
  readonly x: number;
  readonly y: number;
}

/** A network on the plane, or beside it. */
export interface PlaneMark extends Point {
  readonly name: string;
  /** Distance from the plane. */
  readonly distance: number;
  /** What was measured at the network itself, by the grids' names. */
  readonly values: Readonly<Record<string, number>>;
}

/** What the picture of a plane shows. */
export interface PlanePicture {
  /** Columns and rows of the grid, ascending. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Values row by row, by name (`train_loss`). */
  readonly grids: Readonly<Record<string, readonly number[]>>;
  /** The grid that is drawn, and its title with unit. */
  readonly key: string;
  readonly title: string;
  /** The three corners first. */
  readonly marks: readonly PlaneMark[];
  /** Where the curve passes, in order; may be empty. */
  readonly curve: readonly Point[];
}

/** Longest sides of the plot, px. */
const WIDTH = 440;
const HEIGHT = 400;
/** A side is at least this long, however flat the plane is. */
const SHORTEST = 140;
/** More grid points than this have no values to hover over. */
const MOST_CELLS = 61 * 61;
/** A network farther from the plane than this share of the first two's distance is said to be off it. */
const OFF = 0.01;

const short = (value: number): number => Number(value.toPrecision(5));
const reading = (value: number): number | null =>
  Number.isFinite(value) ? Number(value.toPrecision(4)) : null;

/** Pixels per axis: the same unit of length on both, as far as the shortest side allows. */
function sizeOf({ x, y }: PlanePicture) {
  const [across, up] = [x, y].map((axis) => axis[axis.length - 1] - axis[0]);
  const scale = Math.min(WIDTH / across, HEIGHT / up);
  const [width, height] = [across, up].map((span) => Math.max(SHORTEST, Math.round(span * scale)));
  const toPixels = (point: Point): Point => ({
    x: ((point.x - x[0]) / across) * width,
    y: (1 - (point.y - y[0]) / up) * height,
  });
  const toUnits = (pixel: Point): Point => ({
    x: short(x[0] + (pixel.x / width) * across),
    y: short(y[0] + (1 - pixel.y / height) * up),
  });
  return { width, height, toPixels, toUnits };
}

/** `< 0.1`, `0.1 – 0.2`, …, `> 6.4`, from the lowest class. */
function classNames(levels: readonly number[]): readonly string[] {
  if (levels.length === 0) return ["equal everywhere"];
  const between = levels.slice(1).map((level, i) => `${levels[i]} – ${level}`);
  return [`< ${levels[0]}`, ...between, `> ${levels[levels.length - 1]}`];
}

/** Filled contours: the lowest class everywhere, and each higher one over it where the values reach it. */
function contourLayer(picture: PlanePicture, { width, height }: ReturnType<typeof sizeOf>): JsonObject {
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

/** `train_loss` as a line of a tooltip. */
function tooltipOf(field: string): JsonObject {
  const units = field.endsWith("_loss") ? " (nats)" : field.endsWith("_error") ? " (%)" : "";
  return { field, type: "quantitative", title: `${field.replace("_", " ")}${units}`, format: ".4~g" };
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
          title: "between the first two",
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

/** The networks, each with its name, and its distance where it is off the plane. */
function markLayers(picture: PlanePicture, size: ReturnType<typeof sizeOf>): readonly JsonObject[] {
  const { marks, curve } = picture;
  const width = marks[1].x;
  const texts = marks.map(({ name, distance }) =>
    distance > OFF * width ? `${name} (${distance.toPrecision(2)} off)` : name,
  );
  const [a, b] = marks.map(size.toPixels);
  const between = Array.from({ length: 31 }, (_, i) => ({
    x: a.x + (i / 30) * (b.x - a.x),
    y: a.y + (i / 30) * (b.y - a.y),
  }));
  const places = placeLabels(
    marks.map((mark, i) => ({ ...size.toPixels(mark), text: texts[i] })),
    { width: size.width, height: size.height, lines: [...between, ...curve.map(size.toPixels)] },
  );
  const points = marks.map(({ name, x, y, distance, values }) => ({
    name,
    x: short(x),
    y: short(y),
    distance: Number(distance.toPrecision(3)),
    ...Object.fromEntries(Object.entries(values).map(([key, value]) => [key, reading(value)])),
  }));
  const labels = places.map((place, i) => ({ text: texts[i], ...size.toUnits(place) }));
  const at = { x: { field: "x", type: "quantitative" }, y: { field: "y", type: "quantitative" } };
  const text = { type: "text", tooltip: null, fontWeight: "bold" };
  const named = { ...at, text: { field: "text", type: "nominal" } };
  return [
    {
      data: { values: points },
      mark: {
        type: "point",
        shape: "circle",
        size: 70,
        fill: "white",
        stroke: "black",
        strokeWidth: 1.5,
        opacity: 1,
      },
      encoding: {
        ...at,
        tooltip: [
          { field: "name", type: "nominal" },
          ...["x", "y", ...Object.keys(marks[0].values)].map(tooltipOf),
          { field: "distance", type: "quantitative", title: "distance from the plane" },
        ],
      },
    },
    {
      data: { values: labels },
      mark: { ...text, stroke: "white", strokeWidth: 3.5, strokeJoin: "round" },
      encoding: named,
    },
    { data: { values: labels }, mark: { ...text, color: "black" }, encoding: named },
  ];
}

/**
 * Filled contours of one grid over the plane at seven levels above its minimum ({@link contourLevels}), with the networks, the
 * curve and the straight line. Axes are Euclidean distances in weight space, of the same scale.
 */
export function planeFigure(picture: PlanePicture): Figure {
  const {
    x,
    y,
    marks: [a, b, c],
    title,
  } = picture;
  const size = sizeOf(picture);
  const axis = (values: readonly number[], text: string) => ({
    type: "quantitative",
    title: text,
    scale: { domain: [short(values[0]), short(values[values.length - 1])], nice: false, zero: false },
    axis: { grid: false },
  });
  const across = axis(x, `distance from ${a.name} towards ${b.name}`);
  const up = axis(y, `distance from that line, towards ${c.name}`);
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: { text: `${title} on the plane through ${a.name}, ${b.name} and ${c.name}` },
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
