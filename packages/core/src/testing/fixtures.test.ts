import { expect, it } from "vitest";
import { classification } from "../numerics/training/classification.js";
import { trainSettings } from "../numerics/training/settings.js";
import { toyContext, toyInputs } from "./fixtures.js";

const settings = trainSettings.parse({ epochs: 0, optimizer: { kind: "adam" } });
const [{ model, params }] = toyInputs(1);
const objective = classification(model, params);

it.each([
  [["weights"], false, false],
  [["weights", "base"], true, false],
  [["weights", "data"], false, true],
  [["weights", "data", "training"], false, true],
] as const)("a context for the needs %j has the ancestor: %s, data: %s", (needs, base, data) => {
  const context = toyContext({ needs });
  expect([context.base !== undefined, context.data !== undefined]).toEqual([base, data]);
});

it("a context without data does not train, and one with data trains once", async () => {
  const refusal = { code: "fusion/training" };
  await expect(toyContext({ needs: ["weights"] }).train(objective, settings)).rejects.toMatchObject(refusal);
  const context = toyContext();
  await expect(context.train(objective, settings)).resolves.toMatchObject({ history: [] });
  await expect(context.train(objective, settings)).rejects.toMatchObject(refusal);
});
