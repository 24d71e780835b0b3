import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ImageDataset, Partition } from "../../contracts/dataset.js";
import { Rng } from "../rng.js";
import { partOf } from "./parts.js";

/** Images of one pixel, each with its own value, so that a view shows which images it holds. */
function pixels(count: number): ImageDataset {
  const split = { images: Uint8Array.from({ length: count }, (_, i) => i), labels: new Uint8Array(count) };
  return {
    inputShape: [1, 1, 1],
    classNames: ["only"],
    normalization: { mean: [0], std: [1] },
    splits: { train: split, test: { images: Uint8Array.of(255), labels: Uint8Array.of(0) } },
  };
}

/** Deals these lists out, whatever the options are. */
function dealing(parts: Readonly<Record<string, readonly number[]>>): {
  partition: Partition;
  options: unknown;
} {
  const deal = () => new Map(Object.entries(parts).map(([name, list]) => [name, Uint32Array.from(list)]));
  return { partition: { parts: () => Object.keys(parts), deal } as never, options: {} };
}

/** The images of a part, by number. */
function members(...[dataset, part, dealt, rng]: Parameters<typeof partOf>): number[] {
  const view = partOf(dataset, part, dealt, rng);
  const { images } = view.batch(
    Array.from({ length: view.count }, (_, i) => i),
    { pixels: "unit" },
  );
  return [...images].map((value) => Math.round(255 * value));
}

const rng = Rng.seed(0);
const indices = fc.uniqueArray(fc.integer({ min: 0, max: 199 }), { minLength: 1, maxLength: 50 });

describe("a part of the training images", () => {
  it("holds the images that the partition dealt to it", () => {
    fc.assert(
      fc.property(indices, indices, (a, b) => {
        const dealt = dealing({ a, b });
        expect(members(pixels(200), "a", dealt, rng)).toEqual(a);
        expect(members(pixels(200), "b", dealt, rng)).toEqual(b);
      }),
      { numRuns: 30, seed: 1 },
    );
  });

  it("called joint holds every image that was dealt, once, in ascending order", () => {
    fc.assert(
      fc.property(indices, indices, indices, (a, b, c) => {
        const union = [...Array(200).keys()].filter((i) => [a, b, c].some((list) => list.includes(i)));
        expect(members(pixels(200), "joint", dealing({ a, b, c }), rng)).toEqual(union);
      }),
      { numRuns: 30, seed: 1 },
    );
  });

  it("called joint holds everything where nothing is dealt out", () => {
    expect(members(pixels(20), "joint", undefined, rng)).toEqual([...Array(20).keys()]);
  });

  it("is dealt with the stream it is given and the partition's options", () => {
    const deal: Partition<{ first: number }>["deal"] = ({ labels }, { first }, stream) =>
      new Map([["a", stream.permutation(labels.length).slice(0, first)]]);
    const dealt = { partition: { deal } as unknown as Partition, options: { first: 7 } };
    const expected = [...rng.fork("x").permutation(50).slice(0, 7)];
    expect(members(pixels(50), "a", dealt, rng.fork("x"))).toEqual(expected);
    expect(members(pixels(50), "a", dealt, rng.fork("y"))).not.toEqual(expected);
  });

  it("is dealt with the names of the classes at hand", () => {
    const deal: Partition["deal"] = (_split, _options, _rng, names) =>
      new Map([["a", Uint32Array.of(names.indexOf("only"))]]);
    expect(members(pixels(3), "a", { partition: { deal } as never, options: {} }, rng)).toEqual([0]);
  });

  it("that does not exist is an error that names those that do", () => {
    const unknown = (part: string, dealt?: ReturnType<typeof dealing>) => () =>
      partOf(pixels(3), part, dealt, rng);
    expect(unknown("c", dealing({ a: [0], b: [1] }))).toThrow(
      expect.objectContaining({ code: "data/unknown-part", hint: "The parts are: joint, a, b." }),
    );
    expect(unknown("a")).toThrow(
      expect.objectContaining({ code: "data/unknown-part", hint: "The parts are: joint." }),
    );
  });
});
