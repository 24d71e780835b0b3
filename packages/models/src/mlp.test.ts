import { initialize, Rng, tf, toTensors, useBackend } from "@isthmus/core";
import { describeArchitecture } from "@isthmus/core/testing";
import { expect, it } from "vitest";
import { mlp } from "./mlp.js";

describeArchitecture(mlp, { options: { hidden: [12, 7] } });
describeArchitecture(mlp, { options: { hidden: [9], bias: true, dropout: 0.3 } });
describeArchitecture(mlp, { options: { hidden: [] } });

const task = { inputShape: [28, 28, 1], classes: 10 };

it("has the published sizes: 784·400 + 400·200 + 200·100 + 100·10 weights without bias", () => {
  const model = mlp.build({ hidden: [400, 200, 100], bias: false, dropout: 0 }, task);
  const size = model.parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  expect(size).toBe(414_600);
});

it("starts uniform on ±1/√inputs", () => {
  const model = mlp.build({ hidden: [400, 200, 100], bias: false, dropout: 0 }, task);
  const { data } = initialize(model, Rng.seed(0)).get("layers.0.kernel") as { data: Float32Array };
  const bound = 1 / 28;
  const largest = data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const variance = data.reduce((sum, value) => sum + value * value, 0) / data.length;
  expect(largest).toBeLessThanOrEqual(bound);
  expect(variance / (bound ** 2 / 3)).toBeCloseTo(1, 2);
});

it("drops the given share of activations while training, keeps their mean, and drops none otherwise", async () => {
  await useBackend("cpu");
  const model = mlp.build(
    { hidden: [2000], bias: true, dropout: 0.25 },
    { inputShape: [1, 1, 1], classes: 1 },
  );
  const weights = toTensors(
    new Map([
      ["layers.0.kernel", { shape: [1, 2000], data: new Float32Array(2000).fill(0) }],
      ["layers.0.bias", { shape: [2000], data: new Float32Array(2000).fill(1) }],
      ["layers.1.kernel", { shape: [2000, 1], data: new Float32Array(2000).fill(1 / 2000) }],
      ["layers.1.bias", { shape: [1], data: new Float32Array(1) }],
    ]),
  );
  const run = (training: boolean) =>
    tf.tidy(() => model.apply(weights, tf.zeros([1, 1, 1, 1]), { training, rng: Rng.seed(4) }).dataSync()[0]);
  // The mean of 2000 masks has deviation sqrt(.75 · .25) / .75 / sqrt(2000) ≈ .013.
  expect(run(true)).not.toBe(1);
  expect(Math.abs(run(true) - 1)).toBeLessThan(0.05);
  expect(run(false)).toBeCloseTo(1, 5);
});
