import {
  type ArrayValue,
  finishFusion,
  initialize,
  Rng,
  reestimateStatistics,
  sameBits,
} from "@isthmus/core";
import { describeFusionMethod, toyContext, toyData, toyInputs, toyNormModel } from "@isthmus/core/testing";
import fc from "fast-check";
import { expect, it } from "vitest";
import { average } from "./average.js";

describeFusionMethod(average);

const fuse = (inputs: Parameters<typeof average.fuse>[0]) => average.fuse(inputs, {}, toyContext());

it("is the weighted mean of every parameter", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 }),
      async (raw) => {
        const total = raw.reduce((a, b) => a + b, 0);
        const inputs = toyInputs(raw.length).map((input, i) => ({ ...input, weight: raw[i] / total }));
        const { params } = await fuse(inputs);
        for (const [name, { data }] of params) {
          const expected = data.map((_, i) =>
            inputs.reduce(
              (sum, { weight, params: own }) => sum + weight * (own.get(name) as ArrayValue).data[i],
              0,
            ),
          );
          expect(data).toEqual(expected);
        }
      },
    ),
    { numRuns: 20, seed: 1 },
  );
});

it("says that it averaged the inputs as they are", async () => {
  const inputs = toyInputs(3);
  const { aligned } = await fuse(inputs);
  expect(aligned).toEqual(inputs.map(({ params }) => params));
});

it("does not depend on the order of equally weighted networks", async () => {
  const inputs = toyInputs(2);
  expect(sameBits((await fuse(inputs)).params, (await fuse(inputs.toReversed())).params)).toBe(true);
});

it("refuses networks of different widths, naming network, parameter and shapes, and a method that takes them", async () => {
  const [a] = toyInputs(1);
  const [b] = toyInputs(1, 1, [8, 6]);
  await expect(fuse([a, a, b])).rejects.toMatchObject({
    code: "params/mismatch",
    message: 'network 3 of the average: parameter "kernel1" has shape [8, 6]; toy needs [8, 5].',
    hint: expect.stringContaining("the method ot"),
  });
});

it("averages running statistics like everything else, which is what the step after it puts right", async () => {
  const model = toyNormModel();
  const inputs = [0, 1].map((seed) => ({ model, params: initialize(model, Rng.seed(seed)), weight: 0.5 }));
  const fused = await fuse(inputs);
  const data = toyData();
  const estimated = await reestimateStatistics(fused, data);
  expect(
    sameBits((await finishFusion(fused, inputs, { afterwards: "statistics", data })).params, estimated),
  ).toBe(true);
  expect(sameBits(estimated, fused.params)).toBe(false);
});

it("refuses an empty list", async () => {
  await expect(fuse([])).rejects.toMatchObject({ code: "fusion/no-inputs" });
});
