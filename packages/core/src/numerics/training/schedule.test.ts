import { expect, it } from "vitest";
import { scheduleFactor } from "./schedule.js";
import { trainSettings } from "./settings.js";

const factors = (schedule: Parameters<typeof scheduleFactor>[0], epochs: number) =>
  Array.from({ length: epochs }, (_, epoch) => scheduleFactor(schedule, epoch, epochs));

it("decay over ten epochs is 1 up to the sixth, then .7525, .505, .2575, then .01", () => {
  const expected = [1, 1, 1, 1, 1, 1, 0.7525, 0.505, 0.2575, 0.01];
  factors({ kind: "decay", end: 0.01 }, 10).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 12);
  });
});

it("decay ends where it is told to", () => {
  const expected = [1, 1, 1, 1, 1, 1, 0.75175, 0.5035, 0.25525, 0.007];
  factors({ kind: "decay", end: 0.007 }, 10).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 12);
  });
});

it("step drops at every multiple, multi-step at the named epochs", () => {
  expect(factors({ kind: "step", every: 2, factor: 0.5 }, 5)).toEqual([1, 1, 0.5, 0.5, 0.25]);
  expect(factors({ kind: "multi-step", at: [1, 3], factor: 0.5 }, 5)).toEqual([1, 0.5, 0.5, 0.25, 0.25]);
  expect(factors({ kind: "constant" }, 2)).toEqual([1, 1]);
});

it("restarts falls along half a cosine in cycles that double, after a warm-up", () => {
  const schedule = { kind: "restarts", first: 1, factor: 2, end: 0.2, warmUp: 1 } as const;
  // cos 0 = 1, cos π/4 = √½, cos π/2 = 0, cos 3π/4 = -√½; between .2 and 1 the mean is .6.
  const expected = [0.1, 1, 1, 0.6, 1, 0.6 + 0.4 * Math.SQRT1_2, 0.6, 0.6 - 0.4 * Math.SQRT1_2, 1];
  factors(schedule, 9).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 12);
  });
});

it("settings fill in the documented defaults and refuse unknown keys", () => {
  const settings = trainSettings.parse({ epochs: 1, optimizer: { kind: "sgd", learningRate: 0.1 } });
  expect(settings).toMatchObject({
    batchSize: 128,
    schedule: { kind: "constant" },
    resetOptimizer: false,
    validationShare: 0,
  });
  expect(
    trainSettings.safeParse({ epochs: 1, optimizer: { kind: "sgd", learningRate: 0.1, nesterov: true } })
      .success,
  ).toBe(false);
});
