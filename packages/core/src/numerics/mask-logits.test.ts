import { expect, it } from "vitest";
import { toyData, toyInputs } from "../testing/fixtures.js";
import { logitsOf } from "../testing/measure.js";
import { evaluate } from "./evaluate.js";
import { logitMask, maskLogits } from "./mask-logits.js";
import { Rng } from "./rng.js";
import { classification } from "./training/classification.js";
import { trainSettings } from "./training/settings.js";
import { train } from "./training/train.js";

const [{ model, params }] = toyInputs(1);
const data = toyData(0, 60);
const masked = maskLogits(model, [0, 2]);

it("a masked network answers with the best of the classes that are left", async () => {
  const logits = await logitsOf(model, params, data);
  const { confusion } = await evaluate(masked, params, data);
  const expected = [0, 1, 2].map(() => [0, 0, 0]);
  for (let i = 0; i < data.count; i++) {
    const answer = (logits[3 * i] as number) >= (logits[3 * i + 2] as number) ? 0 : 2;
    (expected[data.label(i)] as number[])[answer] = 1 + (expected[data.label(i)]?.[answer] as number);
  }
  expect(confusion).toEqual(expected);
});

it("what a masked class has of its own is not trained, and the loss is that of the other classes", async () => {
  const own = Array.from({ length: 60 }, (_, i) => i).filter((i) => data.label(i) !== 1);
  const settings = trainSettings.parse({
    epochs: 2,
    batchSize: 20,
    optimizer: { kind: "sgd", learningRate: 0.1 },
  });
  const objective = classification(masked, params);
  const { params: after } = await train(objective, data.subset(own), settings, { rng: Rng.seed(0) });
  const [bias, start] = [after, params].map((each) => each.get("bias2")?.data as Float32Array);
  expect(bias?.[1]).toBe(start?.[1]);
  expect(bias?.[0]).not.toBe(start?.[0]);
  const { loss } = await evaluate(masked, params, data.subset(own));
  const logits = await logitsOf(model, params, data.subset(own));
  const losses = own.map((index, i) => {
    const [a, b] = [logits[3 * i] as number, logits[3 * i + 2] as number];
    return Math.log(Math.exp(a) + Math.exp(b)) - (data.label(index) === 0 ? a : b);
  });
  expect(loss).toBeCloseTo(losses.reduce((sum, each) => sum + each, 0) / own.length, 5);
});

it("knows the network without a mask and what it may answer with, however often it is masked", () => {
  const twice = maskLogits(masked, [0, 1]);
  expect([twice.unmasked, twice.answers]).toEqual([model, [0]]);
  expect(twice.unmasked).toBe(model);
  expect(logitMask(twice).map((value) => value < 0)).toEqual([false, true, true]);
  expect(logitMask(model)).toEqual([0, 0, 0]);
});
