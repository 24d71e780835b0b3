import { checkMatrix, extent, type Matrix, maxPool } from "./matrix.js";
import { type Channel, downward, position, upright } from "./matrix-axis.js";
import { matrixImage, type SequentialScheme } from "./matrix-image.js";
import { badInput } from "./plot-error.js";
import type { Json, Spec } from "./spec.js";

/** What a heat map shows. */
export interface HeatmapInput extends Matrix {
  readonly title?: string;
  readonly xTitle?: string;
  readonly yTitle?: string;
  /** Title of the color scale. */
  readonly valueTitle?: string;
  /** Names of the rows from the top, and of the columns from the left; indices from 0 unless given. */
  readonly rowLabels?: readonly string[];
  readonly columnLabels?: readonly string[];
  /** Values at the ends of the color scale; least and greatest element unless given. */
  readonly domain?: readonly [number, number];
  /** "viridis" unless given. */
  readonly scheme?: SequentialScheme;
}

/** Up to this many elements are drawn as rectangles, more as one image. */
const mostRectangles = 3600;
/** More rows or columns than this are pooled, so that no element falls between two pixels. */
const mostPixels = 600;
/** The longer side of the plot, px, as long as an element can have a whole number of pixels. */
const side = 360;

/**
 * A matrix, such as a transport plan, with row 0 at the top. Up to 3600 elements (60 × 60) are drawn as rectangles with
 * tooltips; a larger matrix becomes one embedded PNG, and beyond 600 rows or columns each pixel shows the greatest
 * element of a block, as the subtitle then says. Elements that are not finite are left gray.
 *
 * @throws PlotError `plot/bad-input` where sizes, labels or domain do not fit the matrix.
 * @example heatmap({ values: plan, rows: 3, columns: 3, xTitle: "unit of B", yTitle: "unit of A", valueTitle: "mass" })
 */
export function heatmap(input: HeatmapInput): Spec {
  checkInput(input);
  const { rows, columns, title, xTitle, yTitle, valueTitle } = input;
  const pooled = maxPool(input, mostPixels);
  const [blockRows, blockColumns] = pooled.block;
  const domain = input.domain ?? extent(input);
  const scheme = input.scheme ?? "viridis";

  const longest = Math.max(pooled.rows, pooled.columns);
  const width = pooled.columns * pixelsPer(pooled.columns, longest);
  const height = pooled.rows * pixelsPer(pooled.rows, longest);
  const across = position({
    title: xTitle,
    labels: input.columnLabels,
    count: columns,
    covered: pooled.columns * blockColumns,
    pixels: width,
    apart: 36,
  });
  const labelAngle = upright(input.columnLabels, width) ? -90 : 0;
  const x = { ...across, axis: { ...across.axis, labelAngle } };
  const y = position({
    title: yTitle,
    labels: input.rowLabels,
    count: rows,
    covered: pooled.rows * blockRows,
    pixels: height,
    apart: 30,
  });
  const color = {
    field: "value",
    type: "quantitative",
    scale: { domain: [...domain], scheme, clamp: true },
    legend: {
      title: valueTitle ?? null,
      gradientLength: Math.min(200, Math.max(80, height)),
      gradientOpacity: 1,
    },
  };
  const note =
    blockRows * blockColumns > 1
      ? `${rows} × ${columns}; each pixel is the greatest of ${blockRows} × ${blockColumns} elements`
      : undefined;
  const heading = headed(title, note);
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    ...(heading === undefined ? {} : { title: heading }),
    width,
    height,
    view: { fill: "#d9d9d9", stroke: null },
    layer:
      rows * columns <= mostRectangles
        ? [rectangles(input, x, y, color)]
        : image(matrixImage(pooled, domain, scheme), x, y, color, domain),
  };
}

/** vega drops a subtitle that has no title above it. */
function headed(title: string | undefined, note: string | undefined): Json | undefined {
  if (note === undefined) return title;
  return title === undefined
    ? { text: note, fontSize: 12, fontWeight: "normal" }
    : { text: title, subtitle: note };
}

/**
 * Whole pixels for an element: square while the longer side comes to about {@link side}, at most 90; a side of few
 * elements is stretched toward 60 px.
 */
function pixelsPer(count: number, longest: number): number {
  return Math.max(1, Math.min(90, Math.floor(side / longest)), Math.min(40, Math.floor(60 / count)));
}

function rectangles({ values, columns }: Matrix, x: Channel, y: Channel, color: Json): Json {
  const cells = Array.from(values, (value, i) => {
    const row = Math.floor(i / columns);
    const column = i % columns;
    return { row, column, value: Number.isFinite(value) ? value : null };
  }).filter(({ value }) => value !== null);
  return {
    data: { values: cells },
    transform: [
      { calculate: "datum.column - 0.5", as: "left" },
      { calculate: "datum.column + 0.5", as: "right" },
      { calculate: "datum.row - 0.5", as: "top" },
      { calculate: "datum.row + 0.5", as: "bottom" },
    ],
    mark: { type: "rect", aria: false },
    encoding: {
      x: { field: "left", ...x },
      x2: { field: "right" },
      y: { field: "top", ...downward(y) },
      y2: { field: "bottom" },
      color,
      tooltip: ["row", "column", "value"].map((field) => ({ field, type: "quantitative" })),
    },
  };
}

/** The image over the whole plot, and two invisible points that carry the axes and the color scale. */
function image(url: string, x: Channel, y: Channel, color: Json, domain: readonly [number, number]): Json[] {
  const [left, right] = x.scale.domain as [number, number];
  const [top, bottom] = y.scale.domain as [number, number];
  const corners = [
    { x: left, y: top, value: domain[0] },
    { x: right, y: bottom, value: domain[1] },
  ];
  return [
    {
      data: { values: [{}] },
      mark: {
        type: "image",
        url,
        aspect: false,
        smooth: false,
        x: 0,
        y: 0,
        width: { expr: "width" },
        height: { expr: "height" },
        align: "left",
        baseline: "top",
      },
    },
    {
      data: { values: corners },
      mark: { type: "point", opacity: 0, aria: false, tooltip: null },
      encoding: { x: { field: "x", ...x }, y: { field: "y", ...downward(y) }, color },
    },
  ];
}

function checkInput(input: HeatmapInput): void {
  checkMatrix(input);
  const named = [
    ["rowLabels", input.rowLabels, input.rows],
    ["columnLabels", input.columnLabels, input.columns],
  ] as const;
  for (const [option, labels, count] of named) {
    if (labels !== undefined && labels.length !== count) {
      throw badInput(
        `${option} has ${labels.length} names for ${count}.`,
        "Give one name each, or leave them out.",
      );
    }
  }
  if (input.domain !== undefined && !isRange(input.domain)) {
    throw badInput(
      `The domain of a heat map is [${input.domain.join(", ")}].`,
      "Give two finite numbers, the lesser first.",
    );
  }
}

function isRange([low, high]: readonly [number, number]): boolean {
  return Number.isFinite(low) && Number.isFinite(high) && low < high;
}
