import { describe, expect, it } from "vitest";
import type { ImageDataset } from "../contracts/dataset.js";
import type { LabeledData } from "../contracts/labeled-data.js";
import type { Scenario, Task } from "../contracts/scenario.js";
import { Rng } from "../numerics/rng.js";
import { sha256 } from "../numerics/sha256.js";
import { toyDataset } from "./fixtures.js";

/** How a scenario is to be tried. */
export interface DescribeScenarioOptions {
  /** Options as a recipe would give them; `{}` by default. They must suit the data set. */
  readonly options?: unknown;
  /** What is dealt out; three classes of toy images by default. */
  readonly dataset?: ImageDataset;
}

const classesOf = (data: LabeledData): readonly number[] =>
  [...new Set(Array.from({ length: data.count }, (_, i) => data.label(i)))].sort((a, b) => a - b);

const pixelsOf = (data: LabeledData): Promise<string> =>
  sha256(new Uint8Array(data.batch(Array.from({ length: data.count }, (_, i) => i)).images.buffer));

/**
 * The laws of a scenario, as vitest tests: as many tasks as it says, numbered in order; a task has the classes that it names, the
 * same in training and test images; shape and number of classes never change; the same seed gives the same images; the data set
 * is left as it was; options are checked.
 */
export function describeScenario<Options>(
  scenario: Scenario<Options>,
  { options: input = {}, dataset = toyDataset() }: DescribeScenarioOptions = {},
): void {
  const parsed = scenario.options.safeParse(input);
  if (!parsed.success)
    throw new Error(`The options to test with are not valid: ${JSON.stringify(parsed.error.issues)}`);
  const options = parsed.data;
  const stream = (seed = 0) => scenario.stream(dataset, options, Rng.seed(seed));

  describe(`scenario ${scenario.name} ${JSON.stringify(input)}`, () => {
    it("has as many tasks as it says, in order, with names that differ", () => {
      const tasks = stream();
      expect(tasks).toHaveLength(scenario.tasks(options));
      expect(tasks.map(({ index }) => index)).toEqual(tasks.map((_, t) => t));
      expect(new Set(tasks.map(({ name }) => name)).size).toBe(tasks.length);
    });

    it("names the classes of every task, which are those of its training and test images", () => {
      for (const { classes, train, test } of stream()) {
        expect(classesOf(train)).toEqual(classes);
        expect(classesOf(test)).toEqual(classes);
      }
    });

    it("has images of one shape and number of classes in all tasks: the head of a network never grows", () => {
      const [{ train: first }] = stream() as [Task];
      for (const data of stream().flatMap(({ train, test }) => [train, test])) {
        expect(data.inputShape).toEqual(dataset.inputShape);
        expect(data.classes).toBe(first.classes);
      }
    });

    it("gives the same images for the same seed, and leaves the data set as it was", async () => {
      const before = await sha256(dataset.splits.train.images);
      const [once, again] = [stream(3), stream(3)];
      for (const [t, task] of once.entries()) {
        expect(await pixelsOf(task.train)).toBe(await pixelsOf(again[t]?.train as LabeledData));
        expect(await pixelsOf(task.test)).toBe(await pixelsOf(again[t]?.test as LabeledData));
      }
      expect(await sha256(dataset.splits.train.images)).toBe(before);
    });

    it("gives views whose subsets and pixels in [0, 1] are those of the whole", () => {
      const { train } = stream().at(-1) as { train: LabeledData };
      const picked = [train.count - 1, 0];
      for (const pixels of ["normalized", "unit"] as const)
        expect(train.subset(picked).batch([1, 0], { pixels })).toEqual(
          train.batch([0, train.count - 1], { pixels }),
        );
      const { images } = train.batch(picked, { pixels: "unit" });
      expect(images.every((value) => value >= 0 && value <= 1)).toBe(true);
    });

    it("describes its options and refuses unknown ones, and says in one sentence what it does", () => {
      expect(scenario.options.jsonSchema).toMatchObject({ type: "object" });
      expect(scenario.options.safeParse({ ...(input as object), "no such option": 1 }).success).toBe(false);
      expect(scenario.description).toMatch(/^[^.]+\.$/);
    });
  });
}
