import { Rng } from "@isthmus/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type SpecialClassOptions, specialClass } from "./special-class.js";

const rng = Rng.seed(0);
const splitOf = (labels: readonly number[]) => ({
  images: new Uint8Array(0),
  labels: Uint8Array.from(labels),
});

const classNames = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

function deal(
  labels: readonly number[],
  given: Partial<SpecialClassOptions>,
  stream = rng,
): [number[], number[]] {
  const options: SpecialClassOptions = { class: 4, share: 0.1, order: "first", ...given };
  const parts = specialClass.deal(splitOf(labels), options, stream, classNames);
  expect([...parts.keys()]).toEqual(specialClass.parts(options));
  return [[...(parts.get("a") as Uint32Array)], [...(parts.get("b") as Uint32Array)]];
}

/** Labels in which class 4 and at least one other class occur. */
const someLabels = fc
  .array(fc.integer({ min: 0, max: 9 }), { maxLength: 200 })
  .map((labels) => [...labels, 4, ...labels.toReversed(), 5]);
/** A share as people write it, in percent. */
const percent = fc.integer({ min: 0, max: 99 });

describe("special-class", () => {
  it("deals the example of the method by hand", () => {
    const labels = [1, 4, 2, 3, 4, 0, 5, 6, 7, 8, 9, 1, 4];
    expect(deal(labels, { class: 4, share: 0.2 })).toEqual([
      [0, 1, 2, 4, 12],
      [3, 5, 6, 7, 8, 9, 10, 11],
    ]);
  });

  it("takes class 4 and the first 10 % by default", () => {
    expect(specialClass.options.safeParse({})).toEqual({
      success: true,
      data: { class: 4, share: 0.1, order: "first" },
    });
  });

  it("takes a class by its name too, and where there is none of that name it says so", () => {
    const labels = [1, 4, 2, 3, 4, 0, 5, 6, 7, 8, 9, 1, 4];
    expect(deal(labels, { class: "four" })).toEqual(deal(labels, { class: 4 }));
    expect(() => deal(labels, { class: "foru" })).toThrow(
      expect.objectContaining({
        code: "data/unknown-class",
        hint: expect.stringMatching(/^Did you mean "four"\? The classes are: zero, one, /),
      }),
    );
  });

  it("chooses the share at random where that is asked for: any of the others, all of the special class", () => {
    fc.assert(
      fc.property(someLabels, percent, fc.nat(), (labels, percents, seed) => {
        const given = { share: percents / 100, order: "random" } as const;
        const [a, b] = deal(labels, given, Rng.seed(seed));
        const [first] = deal(labels, { ...given, order: "first" });
        expect(a).toHaveLength(first.length);
        expect([...a, ...b].sort((i, j) => i - j)).toEqual(labels.map((_, i) => i));
        for (const part of [a, b]) expect(part).toEqual([...part].sort((i, j) => i - j));
        expect(b.every((i) => labels[i] !== 4)).toBe(true);
      }),
    );
  });

  it("gives every image to exactly one part, in ascending order", () => {
    fc.assert(
      fc.property(someLabels, percent, (labels, percents) => {
        const [a, b] = deal(labels, { class: 4, share: percents / 100 });
        for (const part of [a, b]) expect(part).toEqual([...part].sort((i, j) => i - j));
        expect([...a, ...b].sort((i, j) => i - j)).toEqual(labels.map((_, i) => i));
      }),
    );
  });

  it("gives a all of the special class and the first ⌊share⌋ of the others", () => {
    fc.assert(
      fc.property(someLabels, percent, (labels, percents) => {
        const [a, b] = deal(labels, { class: 4, share: percents / 100 });
        expect(b.every((i) => labels[i] !== 4)).toBe(true);
        const others = a.filter((i) => labels[i] !== 4);
        const count = labels.filter((label) => label !== 4).length;
        expect(others).toHaveLength(Math.floor((count * percents) / 100));
        expect(Math.max(-1, ...others)).toBeLessThan(Math.min(...b));
      }),
    );
  });

  it.each([
    ["a class that does not occur", [1, 2, 3], { class: 4, share: 0.1 }],
    ["no other class", [4, 4], { class: 4, share: 0.1 }],
    ["no image at all", [], { class: 4, share: 0.1 }],
  ])("refuses %s", (_, labels, options) => {
    expect(() => deal(labels, options)).toThrow(expect.objectContaining({ code: "data/empty-part" }));
  });

  it.each([
    { class: -1 },
    { class: 1.5 },
    { share: 1 },
    { share: -0.1 },
    { shares: 0.1 },
    { order: "last" },
    { seed: 1 },
  ])("refuses the options %j", (options) => {
    expect(specialClass.options.safeParse(options).success).toBe(false);
  });
});
