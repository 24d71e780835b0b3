import { Rng } from "@isthmus/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { SIDE } from "./canvas.js";
import { randomWarp } from "./warp.js";

const seeds = fc.integer({ min: 0, max: 1_000_000 });

it("is continuous: close points stay close, also where lattice cells meet", () => {
  const points = 2000;
  fc.assert(
    fc.property(seeds, fc.boolean(), (seed, vertical) => {
      const path = new Float64Array(2 * points);
      for (let i = 0; i < points; i++) path.set(vertical ? [0.3, i / points] : [i / points, 0.7], 2 * i);
      randomWarp(Rng.seed(seed))(path);
      for (let i = 2; i < path.length; i += 2) {
        expect(Math.hypot(path[i] - path[i - 2], path[i + 1] - path[i - 1])).toBeLessThan(60 / points);
      }
    }),
    { numRuns: 30 },
  );
});

it("keeps the middle of a glyph near the middle of the image", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const path = Float64Array.of(0.5, 0.5);
      randomWarp(Rng.seed(seed))(path);
      for (const value of path) expect(Math.abs(value - (SIDE - 1) / 2)).toBeLessThan(1.5 + 1.6 + 1e-6);
    }),
  );
});
