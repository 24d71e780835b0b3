import { type ArrayValue, sameBits } from "@isthmus/core";
import { describeFusionMethod, toyContext, toyInputs, toyModel } from "@isthmus/core/testing";
import fc from "fast-check";
import { expect, it } from "vitest";
import { average } from "./average.js";

describeFusionMethod(average);

const fuse = (inputs: Parameters<typeof average.fuse>[0]) => average.fuse(inputs, {}, toyContext());

it("is the weighted mean of every parameter", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 }),
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

it("refuses networks of different widths, naming the parameter", async () => {
  const [a] = toyInputs(1);
  const [b] = toyInputs(1, 1, [8, 6]);
  expect(b.model.spec).not.toEqual(toyModel().spec);
  await expect(fuse([a, b])).rejects.toMatchObject({
    code: "params/mismatch",
    message: expect.stringContaining('"kernel1" has shape [8, 6]'),
  });
});

it("refuses an empty list", async () => {
  await expect(fuse([])).rejects.toMatchObject({ code: "fusion/no-inputs" });
});
