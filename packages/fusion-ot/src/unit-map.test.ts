import { describe, expect, it } from "vitest";
import { unitMap } from "./unit-map.js";

const proper = { correction: true, properMarginals: true, outgoing: "conserve" } as const;
/** Two units onto two, with unequal masses: rows 0.6 and 0.2, columns 0.5 and 0.3. */
const plan = Float64Array.of(0.4, 0.2, 0.1, 0.1);
const shares = (options: Partial<Parameters<typeof unitMap>[3]>, side: "incoming" | "outgoing") =>
  unitMap(plan, 2, 2, { ...proper, ...options }).shares.map(({ from, to, [side]: share }) => [
    from,
    to,
    Number(share.toFixed(9)),
  ]);

describe("unitMap", () => {
  it("averages what feeds the target's units", () => {
    expect(shares({}, "incoming")).toEqual([
      [0, 0, 0.8],
      [1, 0, 0.2],
      [0, 1, 0.666666667],
      [1, 1, 0.333333333],
    ]);
  });

  it("passes on in full what reads the source's units, or averages it as well", () => {
    expect(shares({}, "outgoing").map(([, , share]) => share)).toEqual([0.666666667, 0.5, 0.333333333, 0.5]);
    expect(shares({ outgoing: "average" }, "outgoing")).toEqual(shares({}, "incoming"));
  });

  it("divides by equal marginals unless they are to be the plan's own", () => {
    const halves = [0.8, 0.2, 0.4, 0.2];
    for (const side of ["incoming", "outgoing"] as const) {
      expect(shares({ properMarginals: false }, side).map(([, , share]) => share)).toEqual(halves);
    }
  });

  it("takes the plan's own marginals where the widths differ", () => {
    const wide = Float64Array.of(0.4, 0.1, 0.2, 0.1, 0.1, 0.1);
    expect(unitMap(wide, 2, 3, { ...proper, properMarginals: false })).toEqual(unitMap(wide, 2, 3, proper));
  });

  it("is the plan itself without correction", () => {
    for (const side of ["incoming", "outgoing"] as const) {
      expect(shares({ correction: false }, side).map(([, , share]) => share)).toEqual([0.4, 0.1, 0.2, 0.1]);
    }
  });

  it("leaves out pairs that share nothing", () => {
    expect(unitMap(Float64Array.of(0, 0.5, 0.5, 0), 2, 2, proper).shares).toEqual([
      { from: 1, to: 0, incoming: 1, outgoing: 1 },
      { from: 0, to: 1, incoming: 1, outgoing: 1 },
    ]);
  });
});
