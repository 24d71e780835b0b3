import {
  evaluate,
  type ImageDataset,
  LabeledImages,
  linearCombination,
  permuteUnits,
  Rng,
  type StepContext,
} from "@isthmus/core";
import { logitsOf, toyInputs } from "@isthmus/core/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { barrier, curveEvaluation } from "./curve-evaluation.js";

/** What a figure draws. */
interface Drawn {
  readonly data: { readonly values: readonly { path: string; t: number; value: number }[] };
}

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
    labels: new Uint8Array(30),
  };
  const dataset: ImageDataset = {
    inputShape: [6, 6, 1],
    classNames: ["a", "b", "c"],
    normalization: { mean: [0.5], std: [0.3] },
    splits: { train: split, test: split },
  };
  // The ends are one function with its units in two orders, and right about every label: all between them is worse.
  const [a, bend] = toyInputs(2).map((each) => ({ ...each, params: linearCombination([3], [each.params]) }));
  const orders = new Map(a.model.symmetry.map(({ name, size }) => [name, rng.fork(name).permutation(size)]));
  const b = { ...a, params: permuteUnits(a.model, a.params, orders) };
  beforeAll(async () => {
    const logits = await logitsOf(a.model, a.params, new LabeledImages(dataset, "test"));
    split.labels.forEach((_, i) => {
      const row = [...logits.subarray(i * 3, i * 3 + 3)];
      split.labels[i] = row.indexOf(Math.max(...row));
    });
  });
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
    for (const [name, path] of [
      ["curve", "curve"],
      ["line", "straight line"],
    ] as const) {
      const read = (field: string) => [...(arrays?.[`${name}/${field}`].data ?? [])];
      const [loss, error] = [read("loss"), read("error")];
      expect(summary?.[`${name}/barrier`]).toBeCloseTo(barrier({ t: [0, 0.25, 0.5, 0.75, 1], loss }), 5);
      expect(summary?.[`${name}/max_error`]).toBeCloseTo(Math.max(...error), 4);
      for (const [figure, values] of [
        ["curve-loss", loss],
        ["curve-error", error],
      ] as const) {
        const { data: drawn } = Object(figures?.[figure]) as Drawn;
        const own = drawn.values.filter((row) => row.path === path);
        expect(own.map(({ t }) => t)).toEqual([0, 0.25, 0.5, 0.75, 1]);
        own.forEach(({ value }, i) => {
          expect(value).toBeCloseTo(values[i], 4);
        });
      }
    }
    expect(summary?.["line/barrier"]).toBeGreaterThan(0.01);
    expect(summary?.["curve/barrier"]).not.toBeCloseTo(summary?.["line/barrier"] as number, 3);
    expect(summary?.["curve/max_error"]).not.toBeCloseTo(summary?.["line/max_error"] as number, 3);
    expect(Object.keys(figures ?? {})).toEqual(["curve-loss", "curve-error"]);
  });

  it("refuses a network that is no curve's", async () => {
    const { point2: _, ...tooFew } = curve.extra;
    for (const other of [{ network: a }, { ...curve, extra: tooFew }]) {
      const run = curveEvaluation.run({ networks: [other] }, options, context);
      await expect(run).rejects.toMatchObject({ code: "curve/not-a-curve" });
    }
  });
});
