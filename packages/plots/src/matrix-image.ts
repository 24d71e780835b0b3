import { scheme } from "vega";
import type { Matrix } from "./matrix.js";
import { encodePalettePng } from "./palette-png.js";

/** The color schemes for matrices: perceptually even, and read correctly with color-vision deficiencies. */
export type SequentialScheme = "viridis" | "cividis";

/** Steps of the color scale; the 256th palette entry is left to elements that are not finite. */
const steps = 255;

/**
 * A matrix as a `data:` address of a PNG, one pixel for each element, row 0 at the top. Elements that are not finite are
 * transparent; elements outside `domain` take the color of its nearer end.
 */
export function matrixImage(
  matrix: Matrix,
  domain: readonly [number, number],
  name: SequentialScheme,
): string {
  const interpolate = scheme(name) as (t: number) => string;
  const colors = Array.from({ length: steps }, (_, i) => parseRgb(interpolate(i / (steps - 1))));
  const [low, high] = domain;
  const pixels = Uint8Array.from(matrix.values, (value) => {
    if (!Number.isFinite(value)) return steps;
    const t = Math.min(1, Math.max(0, (value - low) / (high - low)));
    return Math.round(t * (steps - 1));
  });
  const png = encodePalettePng({
    width: matrix.columns,
    height: matrix.rows,
    pixels,
    palette: [...colors, [0, 0, 0]],
    transparent: steps,
  });
  return `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
}

/** Red, green, blue of `rgb(r, g, b)`, the form in which vega gives the colors of a scheme. */
function parseRgb(color: string): readonly [number, number, number] {
  const [red = 0, green = 0, blue = 0] = (color.match(/\d+/g) ?? []).map(Number);
  return [red, green, blue];
}
