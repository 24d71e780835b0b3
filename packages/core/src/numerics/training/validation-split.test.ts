import { expect, it } from "vitest";
import { toyData, toyInputs } from "../../testing/fixtures.js";
import { Rng } from "../rng.js";
import { classification } from "./classification.js";
import { trainSettings } from "./settings.js";
import { splitForValidation } from "./validation-split.js";

const data = toyData(0, 40);
const [{ model, params }] = toyInputs(1);
const settings = trainSettings.parse({ epochs: 1, optimizer: { kind: "adam" }, validationShare: 0.25 });
const images = (view: { count: number; batch: typeof data.batch } | undefined) =>
  Array.from({ length: view?.count ?? 0 }, (_, i) => view?.batch([i]).images.join() as string);
const split = (seed: number) =>
  splitForValidation(data, classification(model, params), settings, Rng.seed(seed));

it("holds out the share, and trains on all other images and none of those", () => {
  const { training, validation } = split(0);
  expect([training.count, validation?.count]).toEqual([30, 10]);
  const held = new Set(images(validation));
  expect(images(training).some((image) => held.has(image))).toBe(false);
  expect([...images(training), ...held].toSorted()).toEqual(images(data).toSorted());
});

it("depends on the seed, and on nothing else", () => {
  expect(images(split(1).validation)).toEqual(images(split(1).validation));
  expect(images(split(1).validation)).not.toEqual(images(split(2).validation));
});
