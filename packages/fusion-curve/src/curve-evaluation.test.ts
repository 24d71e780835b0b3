import {
  evaluate,
  type ImageDataset,
  LabeledImages,
  linearCombination,
  Rng,
  type StepContext,
} from "@isthmus/core";
import { toyInputs } from "@isthmus/core/testing";
import { describe, expect, it } from "vitest";
import { barrier, curveEvaluation } from "./curve-evaluation.js";

describe("the barrier", () => {
  it("is measured from the chord between the ends' losses", () => {
    // chord from 2 to 0: 2, 1.5, 1, .5, 0
    expect(barrier({ t: [0, 0.25, 0.5, 0.75, 1], loss: [2, 1.75, 3, 0.5, 0] })).toBe(2);
    expect(barrier({ t: [0, 0.25, 1], loss: [0, 1, 2] })).toBe(0.5);
  });

  it("is 0 where the path stays below the chord", () => {
    expect(barrier({ t: [0, 0.5, 1], loss: [1, 0.2, 3] })).toBe(0);
  });
});

describe("evaluation along a curve", () => {
  const rng = Rng.seed(0);
  const split = {
    images: Uint8Array.from({ length: 30 * 36 }, () => rng.int(256)),
    labels: Uint8Array.from({ length: 30 }, (_, i) => i % 3),
  };
  const dataset: ImageDataset = {
    inputShape: [6, 6, 1],
    classNames: ["a", "b", "c"],
    normalization: { mean: [0.5], std: [0.3] },
    splits: { train: split, test: split },
  };
  const [a, bend, b] = toyInputs(3);
  const curve = {
    network: a,
    extra: { point0: a.params, point1: bend.params, point2: b.params },
    details: { family: "bezier", at: 0.5, points: 3 },
  };
  const context = {
    rng,
    signal: new AbortController().signal,
    progress: () => {},
    dataset: async () => dataset,
  } as unknown as StepContext;
  const options = { seed: 0, dataset: { name: "toy", options: {} }, split: "test", points: 5 } as const;

  it("agrees with evaluating the points one by one, on the curve and on the line", async () => {
    const { arrays, summary, figures } = await curveEvaluation.run({ networks: [curve] }, options, context);
    const data = new LabeledImages(dataset, "test");
    const points = [a.params, bend.params, b.params];
    for (const [i, t] of [0, 0.25, 0.5, 0.75, 1].entries()) {
      expect(arrays?.["curve/t"].data[i]).toBeCloseTo(t, 6);
      const onCurve = linearCombination([(1 - t) ** 2, 2 * t * (1 - t), t ** 2], points);
      const onLine = linearCombination([1 - t, t], [a.params, b.params]);
      for (const [name, params] of [
        ["curve", onCurve],
        ["line", onLine],
      ] as const) {
        const { loss, accuracy } = await evaluate(a.model, params, data);
        expect(arrays?.[`${name}/loss`].data[i]).toBeCloseTo(loss, 5);
        expect(arrays?.[`${name}/error`].data[i]).toBeCloseTo(100 * (1 - accuracy), 4);
      }
    }
    const loss = [...(arrays?.["curve/loss"].data ?? [])];
    expect(summary?.["curve/barrier"]).toBeCloseTo(barrier({ t: [0, 0.25, 0.5, 0.75, 1], loss }), 5);
    expect(Object.keys(figures ?? {})).toEqual(["curve-loss", "curve-error"]);
  });

  it("refuses a network that is no curve's", async () => {
    const run = curveEvaluation.run({ networks: [{ network: a }] }, options, context);
    await expect(run).rejects.toMatchObject({ code: "curve/not-a-curve" });
  });
});
