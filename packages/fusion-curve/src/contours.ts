import { contours } from "d3-contour";

/** Values on a grid, row by row; row 0 and column 0 are the lowest x and y. */
export interface GridValues {
  readonly columns: number;
  readonly rows: number;
  readonly values: readonly number[];
}

/** Polygons in grid coordinates (column, row; grid points at whole numbers): rings, the first the outer one, the others holes. */
export type Polygons = readonly (readonly (readonly (readonly [number, number])[])[])[];

/** Rounded to two digits of `step`, so that neighbors a step apart stay apart. */
function rounded(value: number, step: number): number {
  const digits = Math.max(0, 1 - Math.floor(Math.log10(step)));
  return Number(value.toFixed(Math.min(digits, 12)));
}

/**
 * Seven levels above the least value, each half as far above it as the next: min + (max - min) / 2ᵏ for k = 7 … 1, rounded. None
 * where all values are equal. Values that are not finite don't count.
 *
 * @example contourLevels([0, 12.8]); // [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4]
 */
export function contourLevels(values: readonly number[]): readonly number[] {
  const finite = values.filter(Number.isFinite);
  const least = Math.min(...finite);
  const range = Math.max(...finite) - least;
  if (!(range > 1e-9 * Math.max(1, Math.abs(least)))) return [];
  return [7, 6, 5, 4, 3, 2, 1].map((k) => {
    const step = range / 2 ** k;
    return rounded(least + step, step);
  });
}

/**
 * Where the grid's values are at least `level`, by marching squares with linear interpolation between grid points. Values that
 * are not finite count as above every level. Polygons reach half a step beyond the grid's edges, where they mean nothing: clip them.
 */
export function regionAbove({ columns, rows, values }: GridValues, level: number): Polygons {
  const top = Math.max(level, ...values.filter(Number.isFinite));
  const known = values.map((value) => (Number.isFinite(value) ? value : 2 * Math.abs(top) + 1));
  const { coordinates } = contours().size([columns, rows]).contour(known, level);
  return coordinates.map((polygon) =>
    polygon.map((ring) => ring.map(([x, y]) => [x - 0.5, y - 0.5] as const)),
  );
}
