import {
  evaluate,
  type ImageDataset,
  initialize,
  LabeledImages,
  linearCombination,
  permuteUnits,
  Rng,
  reestimateStatistics,
  type StepContext,
  type StepOutputs,
} from "@isthmus/core";
import { logitsOf, toyInputs, toyNormModel } from "@isthmus/core/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { barrier } from "./barrier.js";
import { type PathOptions, path } from "./path.js";

/** What a figure draws. */
interface Drawn {
  readonly data: { readonly values: readonly { path: string; t: number; value: number }[] };
}

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
  const options: PathOptions = {
    seed: 0,
    dataset: { name: "toy", options: {} },
    names: ["mpf"],
    split: "test",
    trainShare: 1,
    points: 5,
  };
  const t = [0, 0.25, 0.5, 0.75, 1];
  const run = (networks: readonly StepOutputs[], changed: Partial<PathOptions> = {}) =>
    path.run({ networks }, { ...options, ...changed }, context);

  it("agrees with evaluating the points one by one, on the curve and on the line", async () => {
    const { arrays, summary, figures } = await run([curve]);
    const data = new LabeledImages(dataset, "test");
    const points = [a.params, bend.params, b.params];
    const read = (key: string) => [...(arrays?.[key].data ?? [])];
    for (const [i, each] of t.entries()) {
      expect(read("t")[i]).toBeCloseTo(each, 6);
      const onCurve = linearCombination([(1 - each) ** 2, 2 * each * (1 - each), each ** 2], points);
      const onLine = linearCombination([1 - each, each], [a.params, b.params]);
      for (const [name, params] of [
        ["curve", onCurve],
        ["line", onLine],
      ] as const) {
        const { loss, accuracy } = await evaluate(a.model, params, data);
        expect(read(`${name}/test_loss`)[i]).toBeCloseTo(loss, 5);
        expect(read(`${name}/test_error`)[i]).toBeCloseTo(100 * (1 - accuracy), 4);
      }
    }
    for (const [name, drawnAs] of [
      ["curve", "curve"],
      ["line", "straight line"],
    ] as const) {
      for (const measure of ["loss", "error"] as const) {
        const values = read(`${name}/test_${measure}`);
        expect(summary?.[`${name}/test_${measure}_barrier`]).toBeCloseTo(barrier({ t, values }), 4);
        const { data: drawn } = Object(figures?.[`path-${measure}`]) as Drawn;
        const own = drawn.values.filter((row) => row.path === drawnAs);
        expect(own.map((row) => row.t)).toEqual(t);
        own.forEach(({ value }, i) => {
          expect(value).toBeCloseTo(values[i], 4);
        });
      }
      expect(summary?.[`${name}/test_error_max`]).toBeCloseTo(Math.max(...read(`${name}/test_error`)), 4);
    }
    expect(summary?.["line/test_loss_barrier"]).toBeGreaterThan(0.01);
    expect(summary?.["curve/test_loss_barrier"]).not.toBeCloseTo(
      summary?.["line/test_loss_barrier"] as number,
      3,
    );
    expect(Object.keys(figures ?? {})).toEqual(["path-loss", "path-error"]);
  });

  it("estimates running statistics for every point on the training images, also at the ends", async () => {
    const model = toyNormModel();
    const points = [0, 1, 2].map((seed) => initialize(model, Rng.seed(seed)));
    const extra = Object.fromEntries(points.map((point, k) => [`point${k}`, point]));
    const normalized = { network: { model, params: points[0] }, extra, details: curve.details };
    const train = { images: split.images.map((value) => 255 - value ** 2 / 255), labels: split.labels };
    const own = { ...dataset, splits: { train, test: split } };
    const { arrays } = await path.run({ networks: [normalized] }, { ...options, points: 3 }, {
      ...context,
      dataset: async () => own,
    } as StepContext);
    for (const [i, coefficients] of [
      [1, 0, 0],
      [0.25, 0.5, 0.25],
      [0, 0, 1],
    ].entries()) {
      const point = { model, params: linearCombination(coefficients, points) };
      const params = await reestimateStatistics(point, new LabeledImages(own, "train"));
      const { loss } = await evaluate(model, params, new LabeledImages(own, "test"));
      expect(arrays?.["curve/test_loss"].data[i]).toBeCloseTo(loss, 5);
    }
  });

  it("is a straight line between two networks, and the same with their curve named after them", async () => {
    const [alone, between, whole] = [
      await run([{ network: a }, { network: b }], { names: ["a", "b"] }),
      await run([{ network: a }, { network: b }, curve], { names: ["a", "b", "mpf"] }),
      await run([curve]),
    ];
    expect(Object.keys(alone.arrays ?? {})).toEqual(["t", "line/test_loss", "line/test_error"]);
    expect(between.arrays).toEqual(whole.arrays);
    const line = [...(alone.arrays?.["line/test_loss"].data ?? [])];
    line.forEach((value, i) => {
      expect(value).toBeCloseTo(whole.arrays?.["line/test_loss"].data[i] as number, 5);
    });
    expect(JSON.stringify(alone.figures)).toContain("t (0: a, 1: b)");
  });

  it("measures both splits, of the training images the share that is asked for", async () => {
    const { arrays } = await run([curve], { split: "both", trainShare: 0.5 });
    const drawn = rng.fork("train share").permutation(30).slice(0, 15);
    const half = new LabeledImages(dataset, "train").subset(drawn);
    const { loss } = await evaluate(a.model, a.params, half);
    expect(arrays?.["line/train_loss"].data[0]).toBeCloseTo(loss, 5);
    expect(arrays?.["line/test_loss"].data[0]).not.toBeCloseTo(loss, 5);
  });

  it("refuses networks that make no path, and one of another architecture", async () => {
    const { point2: _, ...tooFew } = curve.extra;
    const other = toyInputs(1, 0, [3])[0];
    for (const networks of [
      [{ network: a }],
      [{ ...curve, extra: tooFew }],
      [{ network: a }, curve],
      [{ network: a }, { network: b }, { network: a }],
    ]) {
      await expect(run(networks)).rejects.toMatchObject({ code: "landscape/networks" });
    }
    await expect(run([{ network: a }, { network: other }], { names: ["a", "b"] })).rejects.toMatchObject({
      code: "params/mismatch",
      message: expect.stringContaining('"b" beside "a"'),
    });
  });
});
