import { type ImageDataset, type LabeledData, Rng } from "@isthmus/core";
import { describeScenario } from "@isthmus/core/testing";
import { describe, expect, it } from "vitest";
import { dataIncremental } from "./data-incremental.js";
import { domainIncremental } from "./domain-incremental.js";
import { permuted } from "./permuted.js";
import { rotated } from "./rotated.js";
import { split } from "./split.js";

/** Six classes, 12 images of each in either split; pixel y of image i is a number of its own. */
const dataset: ImageDataset = (() => {
  const part = (salt: number) => ({
    images: Uint8Array.from({ length: 72 * 9 }, (_, i) => (i * 7 + salt) % 251),
    labels: Uint8Array.from({ length: 72 }, (_, i) => i % 6),
  });
  return {
    inputShape: [3, 3, 1],
    classNames: ["a", "b", "c", "d", "e", "f"],
    normalization: { mean: [0.5], std: [0.25] },
    splits: { train: part(0), test: part(3) },
  };
})();

describeScenario(split, { options: { tasks: 3, shuffle: true }, dataset });
describeScenario(split, { options: { order: [[5], [0, 3]] }, dataset });
describeScenario(domainIncremental, {
  options: {
    order: [
      [4, 1],
      [2, 0],
    ],
  },
  dataset,
});
describeScenario(dataIncremental, { options: { tasks: 4 }, dataset });
describeScenario(permuted, { options: { tasks: 3, first: "permuted" }, dataset });
describeScenario(rotated, { options: { angles: [0, 30, -90] }, dataset });

const stream = (scenario: typeof split, options: object) => {
  const parsed = scenario.options.safeParse(options);
  if (!parsed.success) throw new Error("options");
  return scenario.stream(dataset, parsed.data, Rng.seed(0));
};
const all = (data: LabeledData) =>
  data.batch(
    Array.from({ length: data.count }, (_, i) => i),
    { pixels: "unit" },
  );
const first = (data: LabeledData) =>
  [...data.batch([0], { pixels: "unit" }).images].map((value) => value * 255);

describe("split", () => {
  it("gives each task its classes with all their images, and no image twice", () => {
    const tasks = stream(split, { tasks: 4 });
    expect(tasks.map(({ classes }) => classes)).toEqual([[0, 1], [2, 3], [4], [5]]);
    expect(tasks.map(({ name }) => name)).toEqual(["a, b", "c, d", "e", "f"]);
    expect(tasks.map(({ train }) => train.count)).toEqual([24, 24, 12, 12]);
  });

  it("takes classes as they are named, deals sizes, and shuffles by the seed", () => {
    expect(stream(split, { order: [[5, 1], [0]] }).map(({ classes }) => classes)).toEqual([[1, 5], [0]]);
    expect(stream(split, { classesPerTask: [4, 1] }).map(({ classes }) => classes)).toEqual([
      [0, 1, 2, 3],
      [4],
    ]);
    const shuffled = stream(split, { tasks: 3, shuffle: true }).map(({ classes }) => classes);
    expect(shuffled.flat().sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(shuffled).not.toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
  });

  it.each([
    [{ order: [[0], [6]] }, "class 6"],
    [{ order: [[0], [0, 1]] }, "more than once"],
    [{ tasks: 7 }, "7 tasks need 7 classes"],
    [{ classesPerTask: [4, 3] }, "2 tasks need 7 classes"],
  ])("refuses %j", (options, message) => {
    expect(() => stream(split, options)).toThrow(message);
  });
});

it("domain-incremental labels a class by its place in the task", () => {
  const [one, two] = stream(domainIncremental as never, {
    order: [
      [4, 1],
      [2, 0],
    ],
  });
  expect([one?.train.classes, one?.classes]).toEqual([2, [0, 1]]);
  const labels = (data: LabeledData) => [...all(data).labels];
  expect(new Set(labels(one?.train as LabeledData))).toEqual(new Set([0, 1]));
  // Image 0 has class 0, the second answer of task 2; image 1 has class 1, the second of task 1.
  expect([two?.train.label(0), one?.train.label(0)]).toEqual([1, 1]);
  expect(one?.train.subset([1, 0]).label(1)).toBe(1);
  expect(() => stream(domainIncremental as never, { classesPerTask: [2, 1] })).toThrow("equally many");
});

it("data-incremental deals every training image to one task, and all test images to each", () => {
  const tasks = stream(dataIncremental as never, { tasks: 5 });
  const images = tasks.flatMap(({ train }) =>
    Array.from({ length: train.count }, (_, i) => train.batch([i]).images.join()),
  );
  expect(images).toHaveLength(72);
  expect(tasks.map(({ train }) => train.count)).toEqual([18, 18, 12, 12, 12]);
  expect(new Set(images).size).toBe(72);
  expect(tasks.every(({ test }) => test.count === 72)).toBe(true);
  expect(() => stream(dataIncremental as never, { tasks: 30 })).toThrow("Class 0 has 12");
});

describe("permuted", () => {
  const tasks = stream(permuted as never, { tasks: 3 });

  it("moves the pixels of all images by one order, another in each task", () => {
    const [plain, one, two] = tasks.map(({ train }) => all(train).images);
    const order = (image: Float32Array) =>
      [...image.subarray(0, 9)].map((value) => [...(plain as Float32Array).subarray(0, 9)].indexOf(value));
    const moved = order(one as Float32Array);
    expect([...moved].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(moved).not.toEqual(order(two as Float32Array));
    for (let image = 0; image < 72; image++)
      for (let p = 0; p < 9; p++)
        expect(one?.[image * 9 + p]).toBe(plain?.[image * 9 + (moved[p] as number)]);
  });

  it("permutes training and test images alike", () => {
    const [plain, one] = [tasks[0]?.test as LabeledData, tasks[1] as (typeof tasks)[number]];
    const trained = first(one.train).map((value) => first(tasks[0]?.train as LabeledData).indexOf(value));
    expect(first(one.test)).toEqual(trained.map((p) => first(plain)[p]));
  });
});

describe("rotated", () => {
  const turned = (angle: number) => stream(rotated as never, { angles: [angle] })[0]?.train as LabeledData;
  const [a, b, c, d, e, f, g, h, i] = first(turned(0)) as number[];

  it("turns by right angles exactly, counterclockwise", () => {
    expect(first(turned(90))).toEqual([c, f, i, b, e, h, a, d, g]);
    expect(first(turned(180))).toEqual([i, h, g, f, e, d, c, b, a]);
    expect(first(turned(-90))).toEqual([g, d, a, h, e, b, i, f, c]);
  });

  it("mixes neighbors by their distance, and what comes from outside is black", () => {
    // A corner comes from √2 beside the middle of a side, .41 of it outside: (√2 - 1) black + (2 - √2) of the side.
    const [corner] = first(turned(45)) as [number];
    expect(corner).toBeCloseTo((2 - Math.SQRT2) * (b as number), 3);
    const { images } = turned(45).batch([0]);
    expect(images[0]).toBeCloseTo(((2 - Math.SQRT2) * (b as number)) / 255 / 0.25 - 2, 4);
  });
});
