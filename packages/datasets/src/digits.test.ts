import {
  classification,
  evaluate,
  initialize,
  LabeledImages,
  Rng,
  train,
  trainSettings,
} from "@isthmus/core";
import { describeDataset, toyArchitecture } from "@isthmus/core/testing";
import { describe, expect, it } from "vitest";
import { generateDigits } from "./digits/generate.js";
import { digits } from "./digits.js";

const files = {
  read: async () => {
    throw new Error("Generated digits need no files.");
  },
};
const load = (options: { train: number; test: number; seed: number }) => digits.load(options, { files });

describeDataset(digits, { tolerance: 1e-3 });
describeDataset(digits, { options: { train: 1000, test: 200, seed: 7 } });

describe("generated digits", () => {
  it("are a beginning of any larger set of the same seed", async () => {
    const small = await load({ train: 20, test: 10, seed: 3 });
    const large = await load({ train: 50, test: 30, seed: 3 });
    for (const split of ["train", "test"] as const) {
      const { images, labels } = small.splits[split];
      expect(large.splits[split].images.subarray(0, images.length)).toEqual(images);
      expect(large.splits[split].labels.subarray(0, labels.length)).toEqual(labels);
    }
  });

  it("differ between seeds, between splits and from image to image", async () => {
    const first = await load({ train: 50, test: 50, seed: 0 });
    const second = await load({ train: 50, test: 50, seed: 1 });
    const all = [first, second].flatMap(({ splits }) => [splits.train, splits.test]);
    const seen = new Set(
      all.flatMap(({ images }) =>
        Array.from({ length: 50 }, (_, i) => images.subarray(784 * i, 784 * (i + 1)).join()),
      ),
    );
    expect(seen.size).toBe(200);
  });

  it("hold every digit once in each ten images", async () => {
    const { labels } = await generateDigits(1000, Rng.seed(5));
    for (let i = 0; i < 1000; i += 10) {
      expect([...labels.subarray(i, i + 10)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
  });

  it("have a digest of their own for every choice of options", async () => {
    const choices = [
      { train: 100, test: 20, seed: 0 },
      { train: 101, test: 20, seed: 0 },
      { train: 100, test: 21, seed: 0 },
      { train: 100, test: 20, seed: 1 },
    ];
    const digests = await Promise.all(choices.map((options) => digits.digest(options, { files })));
    expect(new Set(digests).size).toBe(choices.length);
  });

  it("report progress up to their number and stop when told to", async () => {
    const seen: number[] = [];
    const abort = new AbortController();
    await digits.load(
      { train: 20, test: 10, seed: 0 },
      { files, progress: (done, total) => seen.push(done, total as number) },
    );
    expect(seen).toEqual([0, 30, 20, 30, 20, 30, 30, 30]);
    abort.abort();
    await expect(
      digits.load({ train: 20, test: 10, seed: 0 }, { files, signal: abort.signal }),
    ).rejects.toMatchObject({ code: "run/aborted" });
  });

  it.each([{ train: 9 }, { test: 1.5 }, { seed: -1 }, { count: 10 }])("refuse the options %j", (options) => {
    expect(digits.options.safeParse(options).success).toBe(false);
  });
});

describe("generated digits, default options", () => {
  async function accuracyOf(hidden: number[], epochs: number, learningRate: number): Promise<number> {
    const data = await load({ train: 15000, test: 3000, seed: 0 });
    const model = toyArchitecture.build({ hidden }, { inputShape: data.inputShape, classes: 10 });
    const rng = Rng.seed(0);
    const settings = trainSettings.parse({
      epochs,
      optimizer: { kind: "sgd", learningRate, momentum: 0.9 },
      schedule: { kind: "decay" },
    });
    const objective = classification(model, initialize(model, rng.fork("initial")));
    const { params } = await train(objective, new LabeledImages(data, "train"), settings, { rng });
    return (await evaluate(model, params, new LabeledImages(data, "test"))).accuracy;
  }

  it("are more than a linear classifier can do", async () => {
    const accuracy = await accuracyOf([], 10, 0.01);
    expect(accuracy).toBeGreaterThan(0.8);
    expect(accuracy).toBeLessThan(0.95);
  }, 120_000);

  it("are learned by a 400-200-100 network in four epochs", async () => {
    expect(await accuracyOf([400, 200, 100], 4, 0.07)).toBeGreaterThan(0.97);
  }, 120_000);
});
