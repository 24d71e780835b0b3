import fc from "fast-check";
import { expect, it } from "vitest";
import { evenBatches } from "./even-batches.js";

it("deals out every image once, in as few batches as there can be, all of nearly one size", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 90 }), (count, size) => {
      const batches = evenBatches(count, size);
      const lengths = batches.map(({ length }) => length);
      expect(batches).toHaveLength(Math.ceil(count / size));
      expect(Math.max(...lengths)).toBeLessThanOrEqual(size);
      expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
      expect(batches.flatMap((batch) => [...batch]).toSorted((a, b) => a - b)).toEqual([
        ...Array(count).keys(),
      ]);
    }),
    { seed: 1, numRuns: 50 },
  );
});

it("mixes data that is sorted, and always in the same way", () => {
  const [first] = evenBatches(100, 20);
  expect(first.some((index) => index < 50)).toBe(true);
  expect(first.some((index) => index >= 50)).toBe(true);
  expect(evenBatches(100, 20)).toEqual(evenBatches(100, 20));
});
