/** Height and width of a digit's image. */
export const SIDE = 28;

/** A pen: half its width and the width of its soft edge, in pixels; how bright it writes, 0…1. */
export interface Pen {
  readonly radius: number;
  readonly softness: number;
  readonly ink: number;
}

function clampToUnit(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** How much of a pixel at distance d of a stroke the pen covers: 1 inside, 0 outside, linear across the soft edge. */
function coverage(distance: number, { radius, softness }: Pen): number {
  return clampToUnit((radius - distance) / softness + 0.5);
}

function sweep(path: Float64Array, pen: Pen, visit: (pixel: number, covered: number) => void): void {
  const reach = pen.radius + pen.softness / 2;
  for (let i = 2; i < path.length; i += 2) {
    const [x0, y0] = [path[i - 2], path[i - 1]];
    const [dx, dy] = [path[i] - x0, path[i + 1] - y0];
    const squaredLength = dx * dx + dy * dy;
    const left = Math.max(0, Math.ceil(Math.min(x0, x0 + dx) - reach));
    const right = Math.min(SIDE - 1, Math.floor(Math.max(x0, x0 + dx) + reach));
    const top = Math.max(0, Math.ceil(Math.min(y0, y0 + dy) - reach));
    const bottom = Math.min(SIDE - 1, Math.floor(Math.max(y0, y0 + dy) + reach));
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const t = squaredLength === 0 ? 0 : clampToUnit(((x - x0) * dx + (y - y0) * dy) / squaredLength);
        const [ex, ey] = [x - x0 - t * dx, y - y0 - t * dy];
        const squared = ex * ex + ey * ey;
        if (squared < reach * reach) visit(y * SIDE + x, coverage(Math.sqrt(squared), pen));
      }
    }
  }
}

/** Draws a polyline (x₀, y₀, …, in pixels) onto an image of {@link SIDE}² values in 0…1; strokes never darken what is there. */
export function draw(image: Float32Array, path: Float64Array, pen: Pen): void {
  sweep(path, pen, (pixel, covered) => {
    image[pixel] = Math.max(image[pixel], covered * pen.ink);
  });
}

/** Wipes a polyline out of an image: pixels fully covered turn black. */
export function erase(image: Float32Array, path: Float64Array, pen: Pen): void {
  sweep(path, pen, (pixel, covered) => {
    image[pixel] *= 1 - covered;
  });
}
