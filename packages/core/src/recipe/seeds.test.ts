import { expect, it } from "vitest";
import { parseSeeds } from "./seeds.js";

it("reads one seed, lists, ranges with both ends, and mixtures", () => {
  expect(parseSeeds("5")).toEqual([5]);
  expect(parseSeeds("0,3,7")).toEqual([0, 3, 7]);
  expect(parseSeeds("0..4")).toEqual([0, 1, 2, 3, 4]);
  expect(parseSeeds("2..2")).toEqual([2]);
  expect(parseSeeds(" 9, 0..2 ")).toEqual([9, 0, 1, 2]);
});

it("gives each seed once, so that nothing is planned twice", () => {
  expect(parseSeeds("1,0..2,1")).toEqual([1, 0, 2]);
});

it.each(["", "a", "-1", "1.5", "4..0", "0..", "..3", "0...3", "1,,2", "0..999999999"])(
  "refuses %j",
  (text) => {
    expect(() => parseSeeds(text)).toThrowError(expect.objectContaining({ code: "recipe/seeds" }));
  },
);
