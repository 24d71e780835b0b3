import type { Stroke } from "./glyphs.js";

const STEPS = 5;

/**
 * A stroke as a fine polyline x₀, y₀, x₁, y₁, …, {@link STEPS} pieces per span; straight strokes are divided as well, so
 * that a warp can bend them. Smooth strokes follow the uniform Catmull-Rom spline (Catmull & Rom 1974)
 * p(t) = ½ (2p₁ + (p₂ - p₀) t + (2p₀ - 5p₁ + 4p₂ - p₃) t² + (3p₁ - p₀ - 3p₂ + p₃) t³), the ends repeated.
 */
export function polyline({ smooth, points }: Stroke): Float64Array {
  const spans = points.length / 2 - 1;
  const result = new Float64Array(2 * (spans * STEPS + 1));
  let at = 0;
  for (let span = 0; span < spans; span++) {
    for (let step = span === 0 ? 0 : 1; step <= STEPS; step++) {
      const t = step / STEPS;
      for (let axis = 0; axis < 2; axis++) {
        const p1 = points[2 * span + axis];
        const p2 = points[2 * span + 2 + axis];
        if (!smooth) {
          result[at++] = p1 + (p2 - p1) * t;
          continue;
        }
        const p0 = span === 0 ? p1 : points[2 * span - 2 + axis];
        const p3 = span === spans - 1 ? p2 : points[2 * span + 4 + axis];
        const cubic = 3 * p1 - p0 - 3 * p2 + p3;
        const square = 2 * p0 - 5 * p1 + 4 * p2 - p3;
        result[at++] = 0.5 * (2 * p1 + t * (p2 - p0 + t * (square + t * cubic)));
      }
    }
  }
  return result;
}
