import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSeeds } from "./seeds.js";

describe("--seeds", () => {
  it("takes numbers and ranges with both ends", () => {
    expect(parseSeeds("0..4")).toEqual([0, 1, 2, 3, 4]);
    expect(parseSeeds("7")).toEqual([7]);
    expect(parseSeeds("3, 0..1")).toEqual([3, 0, 1]);
  });

  it("gives back any list of different seeds", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(1e8), { minLength: 1 }), (seeds) => {
        expect(parseSeeds(seeds.join(","))).toEqual(seeds);
      }),
    );
  });

  it.each(["", "a", "-1", "1.5", "4..0", "0...3", "0,", "1,0..2", "0..99999999"])("refuses %j", (text) => {
    expect(() => parseSeeds(text)).toThrow(expect.objectContaining({ code: "cli/invalid-seeds" }));
  });
});
