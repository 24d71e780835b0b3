import {
  evaluate,
  LabeledImages,
  linearCombination,
  type Params,
  Rng,
  type StepContext,
  type StepOutputs,
} from "@isthmus/core";
import { toyInputs } from "@isthmus/core/testing";
import { describe, expect, it } from "vitest";
import { type PlaneOptions, plane } from "./plane.js";
import { toyDataset } from "./testing/toy-dataset.js";

describe("a plane through networks", () => {
  const dataset = toyDataset();
  const context = {
    rng: Rng.seed(0),
    signal: new AbortController().signal,
    progress: () => {},
    dataset: async () => dataset,
  } as unknown as StepContext;
  const networks = toyInputs(4);
  const [a, b, c, d] = networks;
  const curve: StepOutputs = {
    network: { ...a, params: linearCombination([0.25, 0.5, 0.25], [a.params, c.params, b.params]) },
    extra: { point0: a.params, point1: c.params, point2: b.params },
    details: { family: "bezier", at: 0.5, points: 3 },
  };
  const options: PlaneOptions = {
    seed: 0,
    dataset: { name: "toy", options: {} },
    names: ["a", "b", "c", "d"],
    split: "both",
    trainShare: 1,
    steps: 4,
    margin: 0,
    points: 5,
  };
  const run = (given: readonly StepOutputs[], changed: Partial<PlaneOptions> = {}) =>
    plane.run({ networks: given }, { ...options, ...changed }, context);
  const of = (...inputs: readonly (typeof a)[]) => inputs.map((network) => ({ network }));
  const direct = async (params: Params, split: "train" | "test") => {
    const { loss, accuracy } = await evaluate(a.model, params, new LabeledImages(dataset, split));
    return { loss, error: 100 * (1 - accuracy) };
  };

  it("has at every grid point what the network there has, and at its corners what these have", async () => {
    const { arrays, details } = await run(of(a, b, c));
    const [x, y] = ["x", "y"].map((name) => [...(arrays?.[name].data ?? [])]);
    const { corners, marks } = Object(details) as {
      corners: { name: string; x: number; y: number }[];
      marks: Record<string, number>[];
    };
    const [, right, top] = corners;
    for (const split of ["train", "test"] as const) {
      for (const [i, j] of [
        [0, 0],
        [3, 0],
        [0, 3],
        [3, 3],
        [1, 2],
      ]) {
        const ofC = y[j] / top.y;
        const ofB = (x[i] - ofC * top.x) / right.x;
        const params = linearCombination([1 - ofB - ofC, ofB, ofC], [a.params, b.params, c.params]);
        const { loss, error } = await direct(params, split);
        expect(arrays?.[`${split}_loss`].data[4 * j + i]).toBeCloseTo(loss, 4);
        expect(arrays?.[`${split}_error`].data[4 * j + i]).toBeCloseTo(error, 3);
      }
      for (const [i, { params }] of [a, b, c].entries()) {
        const { loss, error } = await direct(params, split);
        expect(Math.abs(marks[i][`${split}_loss`] - loss)).toBeLessThan(1e-5);
        expect(Math.abs(marks[i][`${split}_error`] - error)).toBeLessThan(1e-5);
        expect(marks[i].distance).toBeLessThan(1e-5);
        expect([marks[i].x, marks[i].y]).toEqual([
          expect.closeTo(corners[i].x, 5),
          expect.closeTo(corners[i].y, 5),
        ]);
      }
    }
    expect(corners.map(({ name }) => name)).toEqual(["a", "b", "c"]);
    // Without margins the first network is the grid's corner.
    expect(x[0]).toBe(0);
    const { loss } = await direct(a.params, "test");
    expect(Math.abs((arrays?.test_loss.data[0] as number) - loss)).toBeLessThan(1e-5);
  });

  it("marks further networks where they project to, with what they have themselves", async () => {
    const { details, arrays } = await run(of(a, b, c, d));
    const { marks } = Object(details) as { marks: Record<string, number>[] };
    const { loss } = await direct(d.params, "test");
    expect(marks[3]).toMatchObject({ name: "d", test_loss: expect.closeTo(loss, 5) });
    expect(marks[3].distance).toBeGreaterThan(0.1);
    expect(arrays?.["curve/x"]).toBeUndefined();
  });

  it("of a curve goes through its ends and its bend; the curve lies in it, and so does the fused network", async () => {
    const named = await run([...of(a, b), curve], { names: ["a", "b", "mpf"] });
    const alone = await run([curve], { names: ["mpf"] });
    expect(alone.arrays).toEqual(named.arrays);
    const marks = (outputs: StepOutputs) => (Object(outputs.details) as { marks: PlaneNetwork[] }).marks;
    expect(marks(named).map(({ name }) => name)).toEqual(["a", "b", "bend", "mpf"]);
    expect(marks(alone).map(({ name }) => name)).toEqual(["start", "end", "bend", "mpf"]);
    const { data: x } = named.arrays?.["curve/x"] ?? { data: [] };
    const { data: y } = named.arrays?.["curve/y"] ?? { data: [] };
    const [start, end, bend, fused] = marks(named);
    for (const [i, t] of [0, 0.25, 0.5, 0.75, 1].entries()) {
      expect(x[i]).toBeCloseTo(2 * t * (1 - t) * bend.x + t * t * end.x, 4);
      expect(y[i]).toBeCloseTo(2 * t * (1 - t) * bend.y, 4);
      expect(named.arrays?.["curve/distance"].data[i]).toBeLessThan(1e-5);
    }
    expect(start.x).toBe(0);
    expect([fused.x, fused.y]).toEqual([expect.closeTo(x[2], 5), expect.closeTo(y[2], 5)]);
  });

  it("gives the figures of training loss and test error, or both measures of one split", async () => {
    const both = await run(of(a, b, c));
    expect(Object.keys(both.figures ?? {})).toEqual(["plane-train-loss", "plane-test-error"]);
    const one = await run(of(a, b, c), { split: "test" });
    expect(Object.keys(one.figures ?? {})).toEqual(["plane-test-loss", "plane-test-error"]);
    expect(one.arrays?.test_loss).toEqual(both.arrays?.test_loss);
    expect(one.arrays?.train_loss).toBeUndefined();
  });

  it("is none through the same network twice, through two, or through one and a curve", async () => {
    const twice = run(of(a, a, c), { names: ["a", "again", "c"] });
    await expect(twice).rejects.toMatchObject({
      code: "landscape/no-plane",
      message: expect.stringContaining('"a", "again" and "c"'),
    });
    for (const few of [of(a, b), [...of(a), curve]])
      await expect(run(few)).rejects.toMatchObject({ code: "landscape/networks" });
  });
});

/** A marked network as `details` tell it. */
interface PlaneNetwork {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}
