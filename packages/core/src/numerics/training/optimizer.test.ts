import { beforeAll, expect, it } from "vitest";
import { useBackend } from "../engine/engine.js";
import { tf } from "../engine/tf.js";
import { optimizerUpdate, type Slots } from "./optimizer.js";
import type { OptimizerSettings } from "./settings.js";

beforeAll(async () => {
  await useBackend("cpu");
});

/** Descends f(θ) = ½ (θ - 3)² from θ = 1 and returns every iterate. */
function descend(settings: OptimizerSettings, learningRate: number, steps: number): number[] {
  let theta = tf.tensor1d([1]);
  let slots: Slots = new Map();
  return Array.from({ length: steps }, (_, i) => {
    const gradients = new Map([["w", tf.sub(theta, 3)]]);
    const update = optimizerUpdate(settings, learningRate, i + 1, new Map([["w", theta]]), gradients, slots);
    theta = update.params.get("w") as typeof theta;
    slots = new Map([...slots, ...update.slots]);
    return theta.dataSync()[0];
  });
}

it("sgd with momentum and weight decay follows v ← μ v + (g + λ θ), θ ← θ - η v", () => {
  const [lr, momentum, weightDecay] = [0.1, 0.9, 0.01];
  let [theta, v] = [1, 0];
  const expected = Array.from({ length: 20 }, () => {
    v = momentum * v + (theta - 3 + weightDecay * theta);
    theta -= lr * v;
    return theta;
  });
  descend({ kind: "sgd", learningRate: lr, momentum, weightDecay }, lr, 20).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 4);
  });
});

it("plain sgd converges as (1 - η)ᵗ, and keeps no memory", () => {
  const settings = { kind: "sgd", learningRate: 0.1, momentum: 0, weightDecay: 0 } as const;
  descend(settings, 0.1, 30).forEach((value, i) => {
    expect(value).toBeCloseTo(3 - 2 * 0.9 ** (i + 1), 4);
  });
  const update = optimizerUpdate(
    settings,
    0.1,
    1,
    new Map([["w", tf.tensor1d([1])]]),
    new Map([["w", tf.tensor1d([1])]]),
    new Map(),
  );
  expect(update.slots.size).toBe(0);
});

it("adam follows algorithm 1 of its paper, with bias correction", () => {
  const settings = {
    kind: "adam",
    learningRate: 0.05,
    beta1: 0.9,
    beta2: 0.99,
    epsilon: 1e-3,
    weightDecay: 0.02,
  } as const;
  let [theta, m, s] = [1, 0, 0];
  const expected = Array.from({ length: 25 }, (_, i) => {
    const g = theta - 3 + settings.weightDecay * theta;
    m = settings.beta1 * m + (1 - settings.beta1) * g;
    s = settings.beta2 * s + (1 - settings.beta2) * g * g;
    const mHat = m / (1 - settings.beta1 ** (i + 1));
    const sHat = s / (1 - settings.beta2 ** (i + 1));
    theta -= (settings.learningRate * mHat) / (Math.sqrt(sHat) + settings.epsilon);
    return theta;
  });
  descend(settings, 0.05, 25).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 4);
  });
});

it("leaves parameters without a gradient alone, weight decay included", () => {
  const settings = { kind: "sgd", learningRate: 0.1, momentum: 0.9, weightDecay: 0.5 } as const;
  const params = new Map([
    ["w", tf.tensor1d([1])],
    ["frozen", tf.tensor1d([2])],
  ]);
  const update = optimizerUpdate(settings, 0.1, 1, params, new Map([["w", tf.tensor1d([1])]]), new Map());
  expect([...update.params.keys()]).toEqual(["w"]);
});
