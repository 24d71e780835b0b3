import type { Tensor } from "@tensorflow/tfjs-core";
import { beforeAll, beforeEach, expect, it } from "vitest";
import type { Model } from "../../contracts/model.js";
import type { Objective } from "../../contracts/training.js";
import { toyData, toyModel } from "../../testing/fixtures.js";
import { useBackend } from "../engine/engine.js";
import { tf } from "../engine/tf.js";
import { initialize } from "../params.js";
import { Rng } from "../rng.js";
import { classification } from "./classification.js";
import { scheduleFactor } from "./schedule.js";
import { type TrainSettingsInput, trainSettings } from "./settings.js";
import { train } from "./train.js";

const data = toyData(0, 50);
/** Every image with its label as it was shown, a draw of each step's stream, and the parameter before each step. */
let seen: { pixels: number[][]; labels: number[]; draws: number[]; weights: number[] };

/** One number w with the constant gradient 1; the loss of a batch is its index within the epoch. */
const recorder: Objective = {
  initial: new Map([["w", { shape: [1], data: Float32Array.of(0) }]]),
  lossAndGradients(trainable, { images, labels, index }, rng) {
    const rows = images.arraySync() as number[][][][];
    seen.pixels.push(...rows.map((image) => [...image.flat(2)]));
    seen.labels.push(...labels.dataSync());
    seen.draws.push(rng.uniform());
    seen.weights.push((trainable.get("w") as Tensor).dataSync()[0]);
    return { loss: tf.scalar(index), gradients: new Map([["w", tf.tensor1d([1])]]) };
  },
};
const run = (settings: Partial<TrainSettingsInput>, objective = recorder) =>
  train(
    objective,
    data,
    trainSettings.parse({
      epochs: 2,
      batchSize: 20,
      optimizer: { kind: "sgd", learningRate: 1 },
      ...settings,
    }),
    { rng: Rng.seed(0) },
  );

beforeAll(async () => {
  await useBackend("cpu");
});
beforeEach(() => {
  seen = { pixels: [], labels: [], draws: [], weights: [] };
});

it("shows every image once per epoch, in another order each time", async () => {
  await run({});
  const epochs = [seen.pixels.slice(0, 50), seen.pixels.slice(50)].map((rows) =>
    rows.map((row) => row.join()),
  );
  expect(epochs[1]).not.toEqual(epochs[0]);
  expect(epochs[1].toSorted()).toEqual(epochs[0].toSorted());
  expect(new Set(epochs[0]).size).toBe(50);
  const stored = Array.from({ length: 50 }, (_, i) => [...data.batch([i]).images].join());
  expect(epochs[0]).not.toEqual(stored);
  expect(epochs[0].toSorted()).toEqual(stored.toSorted());
});

it("shows every image with its own label", async () => {
  await run({ epochs: 1 });
  const stored = new Map(
    Array.from({ length: 50 }, (_, i) => [[...data.batch([i]).images].join(), data.label(i)]),
  );
  expect(seen.labels).toEqual(seen.pixels.map((row) => stored.get(row.join())));
  expect(new Set(seen.labels).size).toBe(3);
});

it.each([0, 0.3])(
  "tells of each image where it is in the data, also where a share of %d is held out",
  async (validationShare) => {
    const rows: [number, string][] = [];
    const watching: Objective = {
      ...recorder,
      evaluate: async () => ({ loss: 0, accuracy: 0, perClass: [], confusion: [] }) as never,
      lossAndGradients(trainable, batch, rng) {
        const images = batch.images.arraySync() as number[][][][];
        rows.push(...images.map((image, i) => [batch.indices[i], image.flat(2).join()] as [number, string]));
        return recorder.lossAndGradients(trainable, batch, rng);
      },
    };
    await run({ epochs: 1, validationShare }, watching);
    expect(new Set(rows.map(([index]) => index)).size).toBe(50 * (1 - validationShare));
    for (const [index, pixels] of rows) expect([...data.batch([index]).images].join()).toBe(pixels);
  },
);

it("gives every step a stream of its own", async () => {
  await run({});
  expect(seen.draws).toHaveLength(6);
  expect(new Set(seen.draws).size).toBe(6);
});

it("augments what it shows: about half of the images are mirrored, and not the same ones in each epoch", async () => {
  await run({ augmentation: { flip: true } });
  const stored = new Set(Array.from({ length: 50 }, (_, i) => [...data.batch([i]).images].join()));
  const plain = seen.pixels.map((row) => stored.has(row.join()));
  const count = plain.filter(Boolean).length;
  expect(Math.abs(count - 50)).toBeLessThan(25); // 5 deviations of 100 fair coins
  const names = (rows: number[][]) => rows.map((row) => row.join()).filter((row) => stored.has(row));
  expect(names(seen.pixels.slice(0, 50)).toSorted()).not.toEqual(names(seen.pixels.slice(50)).toSorted());
});

it("moves by the scheduled learning rate of the epoch", async () => {
  const schedule = { kind: "decay", end: 0.01 } as const;
  const { params } = await run({ epochs: 10, batchSize: 50, schedule });
  const weights = [...seen.weights, params.get("w")?.data[0] as number];
  for (let epoch = 0; epoch < 10; epoch++) {
    expect(weights[epoch] - weights[epoch + 1]).toBeCloseTo(scheduleFactor(schedule, epoch, 10), 5);
  }
});

it("reports the mean over images: a smaller last batch weighs less", async () => {
  const { history } = await run({ epochs: 1 }); // batches of 20, 20 and 10 with losses 0, 1 and 2
  expect(history[0].loss).toBeCloseTo((20 * 0 + 20 * 1 + 10 * 2) / 50, 6);
});

it("counts Adam's updates over epochs: with a constant gradient every step is the learning rate", async () => {
  const { params } = await run({ epochs: 3, optimizer: { kind: "adam", learningRate: 0.01 } });
  expect(params.get("w")?.data[0]).toBeCloseTo(-0.01 * 9, 5);
});

it("notices weights that stop being finite at the very last update", async () => {
  const settings = { epochs: 1, batchSize: 50, optimizer: { kind: "sgd", learningRate: 1e39 } } as const;
  await expect(run(settings)).rejects.toMatchObject({ code: "train/diverged" });
});

it("chooses the first best epoch by images that it never trains on", async () => {
  const held: string[][] = [];
  const accuracies = [0.25, 0.75, 0.5, 0.75];
  const blind: Objective = {
    ...recorder,
    async evaluate(_, view) {
      held.push(Array.from({ length: view.count }, (_, i) => [...view.batch([i]).images].join()));
      return {
        loss: 1,
        accuracy: accuracies[held.length - 1],
        perClass: [],
        confusion: [],
        count: view.count,
      };
    },
  };
  const { best, params, history } = await run({ epochs: 4, batchSize: 50, validationShare: 0.2 }, blind);
  expect(history.map(({ validation }) => validation?.accuracy)).toEqual(accuracies);
  expect(best?.epoch).toBe(2);
  expect(best?.params.get("w")?.data[0]).toBe(-2); // one update of 1 per epoch
  expect(params.get("w")?.data[0]).toBe(-4);
  const shown = new Set(seen.pixels.map((row) => row.join()));
  expect([shown.size, held[0].length]).toEqual([40, 10]);
  for (const images of held) {
    expect(images).toEqual(held[0]);
    expect(images.some((image) => shown.has(image))).toBe(false);
  }
});

it("tells a network that it is trained, and gives it the step's stream", async () => {
  const toy = toyModel();
  const contexts: { training: boolean; draw: number | undefined }[] = [];
  const model: Model = {
    ...toy,
    stack: undefined, // else nobody calls `apply`
    apply(params, images, context) {
      contexts.push({ training: context.training, draw: context.rng?.uniform() });
      return toy.apply(params, images, context);
    },
  };
  await run({ epochs: 1 }, classification(model, initialize(toy, Rng.seed(0))));
  expect(contexts.map(({ training }) => training)).toEqual([true, true, true]);
  await run({ epochs: 1 });
  expect(contexts.map(({ draw }) => draw)).toEqual(seen.draws);
});
