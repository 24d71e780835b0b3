import { LabeledImages, memoryOf, Rng, type Task } from "@isthmus/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { herd } from "./herding.js";
import { memoryOptions } from "./options.js";
import { remember } from "./remember.js";

/** Tasks of two classes each with the given numbers of images, in turn; classes may come back. */
function tasks(...sizes: readonly (readonly [classes: readonly [number, number], count: number])[]): Task[] {
  return sizes.map(([classes, count], index) => {
    const split = {
      images: Uint8Array.from({ length: count }, (_, i) => i % 256),
      labels: Uint8Array.from({ length: count }, (_, i) => classes[i % 2] as number),
    };
    const dataset = {
      inputShape: [1, 1, 1] as const,
      classNames: ["a", "b", "c", "d", "e", "f"],
      normalization: { mean: [0], std: [1] },
      splits: { train: split, test: split },
    };
    const data = new LabeledImages(dataset, "train");
    return { index, name: String(index), classes, train: data, test: data };
  });
}

const stream = tasks([[0, 1], 40], [[2, 3], 30], [[4, 5], 50]);

/** What is kept after each task. */
async function kept(options: object, all: readonly Task[] = stream, seed = 0) {
  const settings = memoryOptions.parse(options);
  const steps: (readonly (readonly number[])[])[] = [];
  for (const [t] of all.entries()) {
    const seen = all.slice(0, t + 1);
    const rng = Rng.seed(seed).fork(`task/${t}`);
    const features = async () => ({
      width: 1,
      values: Float32Array.from({ length: seen.at(-1)?.train.count ?? 0 }, (_, i) => i),
    });
    steps.push(await remember(steps.at(-1) ?? [], settings, seen, { rng, features }));
  }
  return steps;
}

const counts = (memory: readonly (readonly number[])[]) => memory.map(({ length }) => length);
const ofClasses = (all: readonly Task[], memory: readonly (readonly number[])[]) => {
  const numbers: Record<number, number> = {};
  for (const [t, own] of memory.entries())
    for (const index of own) {
      const label = all[t]?.train.label(index) as number;
      numbers[label] = (numbers[label] ?? 0) + 1;
    }
  return numbers;
};

describe("a memory", () => {
  it("has each image once, never more than its size, and the same ones for the same seed", async () => {
    const options = fc.record({
      policy: fc.constantFrom("random", "reservoir", "ring", "balanced", "herding"),
      size: fc.integer({ min: 1, max: 60 }),
      per: fc.constantFrom("task", "total"),
    });
    await fc.assert(
      fc.asyncProperty(options, fc.nat(5), async (input, seed) => {
        if (!memoryOptions.safeParse(input).success) return;
        const steps = await kept(input, stream, seed);
        expect(await kept(input, stream, seed)).toEqual(steps);
        for (const [t, memory] of steps.entries()) {
          expect(memory).toHaveLength(t + 1);
          for (const own of memory) expect(new Set(own).size).toBe(own.length);
          const total = counts(memory).reduce((a, b) => a + b, 0);
          if (input.per === "total") expect(total).toBeLessThanOrEqual(input.size);
          else for (const count of counts(memory)) expect(count).toBeLessThanOrEqual(input.size);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("of random images per task keeps what it drew; in total every task gives some of its own", async () => {
    const [one, two, three] = await kept({ size: 12 });
    expect(counts(three ?? [])).toEqual([12, 12, 12]);
    expect([two?.[0], three?.[0], three?.[1]]).toEqual([one?.[0], one?.[0], two?.[1]]);
    const total = await kept({ size: 12, per: "total" });
    expect(total.map(counts)).toEqual([[12], [6, 6], [4, 4, 4]]);
    expect(total[2]?.[0]).toEqual(total[0]?.[0]?.slice(0, 4));
    expect(counts((await kept({ size: 100 }))[0] ?? [])).toEqual([40]);
  });

  it("that is balanced has as many images of each class", async () => {
    const steps = await kept({ policy: "balanced", size: 14, per: "total" });
    expect(steps.map((memory) => ofClasses(stream, memory))).toEqual([
      { 0: 7, 1: 7 },
      { 0: 4, 1: 4, 2: 3, 3: 3 },
      { 0: 3, 1: 3, 2: 2, 3: 2, 4: 2, 5: 2 },
    ]);
    const again = tasks([[0, 1], 40], [[0, 1], 40]);
    const back = (await kept({ policy: "balanced", size: 12, per: "total" }, again))[1] ?? [];
    expect(counts(back)).toEqual([6, 6]);
    const each = (await kept({ policy: "balanced", size: 5 }))[2] ?? [];
    expect(ofClasses(stream, each)).toEqual({ 0: 3, 1: 2, 2: 3, 3: 2, 4: 3, 5: 2 });
  });

  it("that is a ring keeps a fixed share for each class, the latest images of it", async () => {
    const steps = await kept({ policy: "ring", size: 12, per: "total" });
    expect(steps.map((memory) => ofClasses(stream, memory))[0]).toEqual({ 0: 2, 1: 2 });
    expect(ofClasses(stream, steps[2] ?? [])).toEqual({ 0: 2, 1: 2, 2: 2, 3: 2, 4: 2, 5: 2 });
    const again = tasks([[0, 1], 40], [[0, 1], 40]);
    expect(counts((await kept({ policy: "ring", size: 12, per: "total" }, again))[1] ?? [])).toEqual([0, 4]);
  });

  it("that is a reservoir has every image with the same probability", async () => {
    const hits = [0, 0, 0];
    const runs = 300;
    for (let seed = 0; seed < runs; seed++) {
      const memory = (await kept({ policy: "reservoir", size: 24, per: "total" }, stream, seed))[2] ?? [];
      counts(memory).forEach((count, t) => {
        hits[t] += count;
      });
    }
    // Expected 24 · 40/120, 24 · 30/120, 24 · 50/120 a run; five standard deviations of their means are below .75.
    [8, 6, 10].forEach((expected, t) => {
      expect(Math.abs(hits[t] / runs - expected)).toBeLessThan(0.75);
    });
    expect(memoryOptions.safeParse({ policy: "reservoir", size: 3 }).success).toBe(false);
  });

  it("is a view of the images that are kept, task after task", async () => {
    const indices = (await kept({ size: 2 }))[1] ?? [];
    const { data } = memoryOf(stream, indices);
    expect(data.count).toBe(4);
    expect([0, 1, 2, 3].map((i) => data.label(i))).toEqual(
      indices.flatMap((own, t) => own.map((index) => stream[t]?.train.label(index))),
    );
    expect(memoryOf(stream, []).data.count).toBe(0);
  });
});

it("herding puts first what is nearest to the mean, then what brings the mean of all so far nearest to it", () => {
  const values = Float32Array.of(0, 1, 4, 10);
  // Mean of all 3.75: 4 first; then (4 + 1) / 2 = 2.5 beside (4 + 0) / 2 and (4 + 10) / 2; then (5 + 10) / 3 beside (5 + 0) / 3.
  expect(herd({ width: 1, values }, [0, 1, 2, 3], 4)).toEqual([2, 1, 3, 0]);
  expect(herd({ width: 1, values }, [0, 1, 2, 3], 2)).toEqual([2, 1]);
  // Brute force over every first and second choice in two dimensions.
  const rng = Rng.seed(0);
  const points = rng.uniforms(2 * 7);
  const rows = [0, 1, 2, 3, 4, 5, 6];
  const mean = [0, 1].map((d) => rows.reduce((sum, row) => sum + points[2 * row + d] / 7, 0));
  const far = (chosen: readonly number[]) =>
    Math.hypot(
      ...mean.map((m, d) => m - chosen.reduce((sum, row) => sum + points[2 * row + d], 0) / chosen.length),
    );
  const nearest = (before: readonly number[]) =>
    rows.filter((row) => !before.includes(row)).sort((a, b) => far([...before, a]) - far([...before, b]))[0];
  const first = nearest([]);
  expect(herd({ width: 2, values: points }, rows, 2)).toEqual([first, nearest([first])]);
});
