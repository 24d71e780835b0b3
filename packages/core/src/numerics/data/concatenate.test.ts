import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toyData } from "../../testing/fixtures.js";
import { Rng } from "../rng.js";
import { concatenate } from "./concatenate.js";

const whole = toyData(0, 30);
const ranges = [
  [0, 7],
  [7, 7],
  [7, 8],
  [8, 30],
] as const;
const range = ([from, to]: readonly [number, number]) =>
  Uint32Array.from({ length: to - from }, (_, i) => from + i);
const joined = concatenate(ranges.map((each) => whole.subset(range(each))));

describe("views that are concatenated", () => {
  it("give the images and labels of the whole they are parts of, at any indices and in any subset of a subset", () => {
    const picks = fc.array(fc.nat(29), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(picks, picks, (indices, again) => {
        expect(joined.batch(indices)).toEqual(whole.batch(indices));
        expect(indices.map((i) => joined.label(i))).toEqual(indices.map((i) => whole.label(i)));
        const second = again.map((i) => i % indices.length);
        const options = { pixels: "unit" } as const;
        expect(
          joined
            .subset(indices)
            .subset(second)
            .batch(range([0, second.length]), options),
        ).toEqual(
          whole
            .subset(indices)
            .subset(second)
            .batch(range([0, second.length]), options),
        );
      }),
    );
    expect([joined.count, joined.subset([3, 3]).count]).toEqual([30, 2]);
  });

  it("are augmented by a stream of each part, and write into a batch that is given", () => {
    const augmentation = { flip: true, cropPadding: 0 };
    const into = joined.batch([1, 2, 3]);
    const batch = joined.batch([20, 3, 21], { augmentation, rng: Rng.seed(0), into });
    expect(batch.images).toBe(into.images);
    const own = (part: number, indices: number[]) =>
      whole
        .subset(range(ranges[part] as never))
        .batch(indices, { augmentation, rng: Rng.seed(0).fork(`part/${part}`) }).images;
    expect(batch.images.slice(0, 36)).toEqual(own(3, [12, 13]).slice(0, 36));
    expect(batch.images.slice(36, 72)).toEqual(own(0, [3]));
    expect(batch.images.slice(72)).toEqual(own(3, [12, 13]).slice(36));
  });

  it("must be of one shape, and at least one", () => {
    expect(() => concatenate([])).toThrow(RangeError);
    expect(() => concatenate([whole, { ...whole, inputShape: [6, 6, 1], classes: 4 }])).toThrow("4 classes");
    expect(concatenate([whole])).toBe(whole);
    expect(() => joined.label(30)).toThrow("outside");
  });
});
