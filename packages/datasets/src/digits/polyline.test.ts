import fc from "fast-check";
import { expect, it } from "vitest";
import { polyline } from "./polyline.js";

const STEPS = 5;
const coordinate = fc.double({ min: 0, max: 1, noNaN: true });
const points = fc
  .array(fc.tuple(coordinate, coordinate), { minLength: 2, maxLength: 9 })
  .map((all) => all.flat());

it("passes through every point of a stroke, smooth or straight", () => {
  fc.assert(
    fc.property(points, fc.boolean(), (through, smooth) => {
      const path = polyline({ smooth, points: through });
      through.forEach((value, i) => {
        const vertex = Math.floor(i / 2);
        expect(path[2 * vertex * STEPS + (i % 2)]).toBeCloseTo(value, 12);
      });
    }),
  );
});

it("keeps straight strokes straight", () => {
  const path = polyline({ smooth: false, points: [0, 1, 1, 3] });
  for (let i = 0; i < path.length; i += 2) expect(path[i + 1]).toBeCloseTo(1 + 2 * path[i], 12);
});

it("reproduces a parabola away from the ends, as a Catmull-Rom spline does", () => {
  const path = polyline({ smooth: true, points: [0, 0, 1, 1, 2, 4, 3, 9] });
  for (let i = 2 * STEPS; i <= 4 * STEPS; i += 2) expect(path[i + 1]).toBeCloseTo(path[i] ** 2, 12);
});
