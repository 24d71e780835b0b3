import type { Params, UnitGroup } from "@isthmus/core";
import { describe, expect, it } from "vitest";
import { moveUnits } from "./move-units.js";
import { unitMap } from "./unit-map.js";

const options = { correction: true, properMarginals: true, outgoing: "conserve" } as const;
/** Two units onto three: the first makes target 0 and half of target 1, the second the rest. */
const plan = Float64Array.of(1 / 3, 1 / 6, 0, 0, 1 / 6, 1 / 3);

describe("moveUnits", () => {
  it("averages what feeds the units and passes on in full what reads them", () => {
    const group: UnitGroup = {
      name: "units",
      size: 2,
      axes: [
        { parameter: "in", axis: 1, side: "incoming" },
        { parameter: "out", axis: 0, side: "outgoing" },
      ],
    };
    const params: Params = new Map([
      ["in", { shape: [2, 2], data: Float32Array.of(1, 3, 10, 30) }],
      ["out", { shape: [2, 1], data: Float32Array.of(6, 12) }],
      ["other", { shape: [1], data: Float32Array.of(7) }],
    ]);
    const moved = moveUnits(params, group, unitMap(plan, 2, 3, options));
    expect(moved.get("in")).toEqual({ shape: [2, 3], data: Float32Array.of(1, 2, 3, 10, 20, 30) });
    // Shares of the first unit: 2/3, 1/3, 0; of the second: 0, 1/3, 2/3.
    expect(moved.get("out")!.shape).toEqual([3, 1]);
    [4, 6, 8].forEach((value, j) => {
      expect(moved.get("out")!.data[j]).toBeCloseTo(value, 5);
    });
    expect(moved.get("other")).toBe(params.get("other"));
    expect(params.get("in")!.shape).toEqual([2, 2]);
  });

  it("moves both axes of a recurrent kernel", () => {
    const group: UnitGroup = {
      name: "units",
      size: 2,
      axes: [
        { parameter: "recurrent", axis: 0, side: "outgoing" },
        { parameter: "recurrent", axis: 1, side: "incoming" },
      ],
    };
    const params: Params = new Map([["recurrent", { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }]]);
    const swap = Float64Array.of(0, 0.5, 0.5, 0);
    const moved = moveUnits(params, group, unitMap(swap, 2, 2, options));
    expect(moved.get("recurrent")).toEqual({ shape: [2, 2], data: Float32Array.of(4, 3, 2, 1) });
  });
});
