import { linearCombination, type Params } from "@isthmus/core";
import { describeFusionMethod, toyContext, toyInputs } from "@isthmus/core/testing";
import { describe, expect, it } from "vitest";
import { magmax } from "./magmax.js";

describeFusionMethod(magmax);

/** Toy networks whose every parameter holds the given numbers, over and over. */
function networks(...patterns: readonly (readonly number[])[]) {
  const [input] = toyInputs(1);
  return patterns.map((pattern) => ({
    ...input,
    weight: 1 / patterns.length,
    params: new Map(
      [...input.params].map(([name, { shape, data }]) => [
        name,
        { shape, data: data.map((_, i) => pattern[i % pattern.length]) },
      ]),
    ) as Params,
  }));
}

const merged = async (
  scale: number,
  base: readonly number[],
  ...patterns: readonly (readonly number[])[]
) => {
  const [{ params: start }] = networks(base);
  const { params } = await magmax.fuse(networks(...patterns), { scale }, toyContext({ base: start }));
  return [...(params.get("kernel0")?.data.subarray(0, base.length) ?? [])];
};

describe("MagMax", () => {
  it("takes from each weight the largest change, the later of equal ones, and scales it", async () => {
    // Changes: (1, -3, 2, 0) and (-2, 2, -2, 0) from (1, 1, 1, 1): largest -2, -3, the later -2, 0.
    expect(await merged(0.5, [1, 1, 1, 1], [2, -2, 3, 1], [-1, 3, -1, 1])).toEqual([0, -0.5, 0, 1]);
  });

  it("of one network with scale 1 is that network; merging one by one is merging all at once", async () => {
    const inputs = toyInputs(3);
    const context = toyContext();
    const options = { scale: 1 };
    const [one] = inputs;
    const alone = await magmax.fuse([one], options, context);
    const difference = linearCombination([1, -1], [alone.params, one.params]);
    for (const { data } of difference.values())
      for (const each of data) expect(Math.abs(each)).toBeLessThan(1e-7);
    const whole = await magmax.fuse(inputs, options, context);
    const first = await magmax.fuse(inputs.slice(0, 2), options, context);
    const second = await magmax.fuse([{ ...one, params: first.params }, inputs[2]], options, context);
    for (const [name, { data }] of whole.params)
      data.forEach((value, i) => {
        expect(second.params.get(name)?.data[i]).toBeCloseTo(value, 6);
      });
  });

  it("needs a common ancestor", async () => {
    const context = toyContext({ needs: ["weights"] });
    await expect(magmax.fuse(toyInputs(), { scale: 1 }, context)).rejects.toMatchObject({
      code: "fusion/no-inputs",
    });
  });
});
