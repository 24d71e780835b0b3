import { Rng } from "@isthmus/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ShareOptions, share } from "./share.js";

const splitOf = (count: number) => ({ images: new Uint8Array(0), labels: new Uint8Array(count) });

function deal(count: number, given: Partial<ShareOptions>, rng = Rng.seed(0)): [number[], number[]] {
  const options: ShareOptions = { share: 0.1, order: "first", ...given };
  const parts = share.deal(splitOf(count), options, rng, ["only"]);
  expect([...parts.keys()]).toEqual(share.parts(options));
  return [[...(parts.get("a") as Uint32Array)], [...(parts.get("b") as Uint32Array)]];
}

const upTo = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe("share", () => {
  it("gives the first share to a by default and the rest to b, rounded down", () => {
    expect(deal(19, {})).toEqual([[0], upTo(1, 19)]);
    expect(deal(100, { share: 0.29 })).toEqual([upTo(0, 29), upTo(29, 100)]);
  });

  it("gives every image to exactly one part, in ascending order, whichever are chosen", () => {
    const counts = fc.integer({ min: 100, max: 300 });
    const percents = fc.integer({ min: 1, max: 99 });
    fc.assert(
      fc.property(counts, percents, fc.constantFrom("first", "random"), fc.nat(), (count, n, order, seed) => {
        const [a, b] = deal(count, { share: n / 100, order }, Rng.seed(seed));
        expect(a).toHaveLength(Math.floor((count * n) / 100));
        for (const part of [a, b]) expect(part).toEqual([...part].sort((i, j) => i - j));
        expect([...a, ...b].sort((i, j) => i - j)).toEqual(upTo(0, count));
      }),
    );
  });

  it("at random gives every image to a equally often", () => {
    const times = new Array<number>(20).fill(0);
    for (let seed = 0; seed < 1000; seed++) {
      for (const index of deal(20, { share: 0.25, order: "random" }, Rng.seed(seed))[0]) times[index]++;
    }
    for (const count of times) expect(Math.abs(count - 250)).toBeLessThan(5 * Math.sqrt(250 * 0.75));
  });

  it("at random depends on the stream, or on its own seed alone where it has one", () => {
    const draw = (stream: number, seed?: number) =>
      deal(1000, { order: "random", ...(seed === undefined ? {} : { seed }) }, Rng.seed(stream));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(draw(1, 5)).toEqual(draw(2, 5));
    expect(draw(1, 5)).not.toEqual(draw(1, 6));
  });

  it.each([
    ["a", 5],
    ["b", 0],
  ])("refuses to leave part %s without images", (part, count) => {
    expect(() => deal(count, {})).toThrow(
      expect.objectContaining({ code: "data/empty-part", message: expect.stringContaining("without any") }),
    );
    expect(part).toMatch(/[ab]/);
  });

  it.each([{ share: 1 }, { order: "last" }, { seed: 3 }, { order: "first", seed: 3 }, { class: 4 }])(
    "refuses the options %j",
    (options) => {
      expect(share.options.safeParse(options).success).toBe(false);
    },
  );

  it("takes a seed for a random share", () => {
    expect(share.options.safeParse({ order: "random", seed: 3 })).toMatchObject({
      data: { share: 0.1, order: "random", seed: 3 },
    });
  });
});
