import { describe, expect, it } from "vitest";
import { barrier, evenly } from "./barrier.js";

describe("the barrier", () => {
  it("is measured from the chord between the ends", () => {
    // chord from 2 to 0: 2, 1.5, 1, .5, 0
    expect(barrier({ t: [0, 0.25, 0.5, 0.75, 1], values: [2, 1.75, 3, 0.5, 0] })).toBe(2);
    expect(barrier({ t: [0, 0.25, 1], values: [0, 1, 2] })).toBe(0.5);
  });

  it("of a parabola above its chord is known in closed form", () => {
    // L(t) = 1 + 3t + 8 t (1 - t) is 8 t (1 - t) above the chord from 1 to 4: at most 2, at t = ½
    const t = evenly(61);
    expect(barrier({ t, values: t.map((each) => 1 + 3 * each + 8 * each * (1 - each)) })).toBeCloseTo(2, 12);
  });

  it("is 0 where the path stays below the chord", () => {
    expect(barrier({ t: [0, 0.5, 1], values: [1, 0.2, 3] })).toBe(0);
  });
});
