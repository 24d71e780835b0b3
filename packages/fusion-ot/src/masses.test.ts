import { toyModel } from "@isthmus/core/testing";
import { describe, expect, it } from "vitest";
import { rowsOf } from "../test/fuse.js";
import { network } from "../test/networks.js";
import { unitMasses } from "./masses.js";
import { outputGroup } from "./output-group.js";

const net = network(toyModel([4, 3]), 1);
const groups = [...net.model.symmetry, outputGroup(net.model)];
const masses = (
  index: number,
  importance: "none" | "l1" | "l2",
  solver: "exact" | "unbalanced" = "exact",
) => [...unitMasses(net, groups, index, { importance, solver })];

describe("unitMasses", () => {
  it("are equal and add up to 1, or are 1 each where transport is unbalanced", () => {
    expect(masses(0, "none")).toEqual([0.25, 0.25, 0.25, 0.25]);
    expect(masses(0, "none", "unbalanced")).toEqual([1, 1, 1, 1]);
  });

  it("are in proportion to the norms of incoming weights, or these norms", () => {
    const norms = {
      l1: rowsOf(net.params, 1).map((row) => row.reduce((sum, x) => sum + Math.abs(x), 0)),
      l2: rowsOf(net.params, 1).map((row) => Math.hypot(...row)),
    };
    for (const importance of ["l1", "l2"] as const) {
      const total = norms[importance].reduce((x, y) => x + y, 0);
      masses(1, importance).forEach((mass, unit) => {
        expect(mass).toBeCloseTo(norms[importance][unit] / total, 7);
      });
      masses(1, importance, "unbalanced").forEach((mass, unit) => {
        expect(mass).toBeCloseTo(norms[importance][unit], 6);
      });
    }
  });

  it("of outputs are always equal", () => {
    expect(masses(2, "l2")).toEqual([1 / 3, 1 / 3, 1 / 3]);
  });
});
