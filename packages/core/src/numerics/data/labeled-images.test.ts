import { expect, it } from "vitest";
import type { ImageDataset } from "../../contracts/dataset.js";
import { Rng } from "../rng.js";
import { LabeledImages } from "./labeled-images.js";

const split = {
  images: Uint8Array.from({ length: 3 * 2 * 2 * 2 }, (_, i) => i * 10),
  labels: Uint8Array.of(0, 1, 0),
};
const dataset: ImageDataset = {
  inputShape: [2, 2, 2],
  classNames: ["x", "y"],
  normalization: { mean: [0.5, 0.25], std: [0.5, 0.1] },
  splits: { train: split, test: split },
};

it("normalizes (pixel / 255 - mean) / std by channel", () => {
  const { images, labels } = new LabeledImages(dataset, "train").batch([1]);
  const expected = [...split.images.subarray(8, 16)].map(
    (p, i) => (p / 255 - [0.5, 0.25][i % 2]) / [0.5, 0.1][i % 2],
  );
  images.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 5);
  });
  expect([...labels]).toEqual([1]);
});

it("gives plain values in [0, 1] when asked for unit pixels", () => {
  const { images } = new LabeledImages(dataset, "train").batch([0], { pixels: "unit" });
  images.forEach((value, i) => {
    expect(value).toBeCloseTo(split.images[i] / 255, 6);
  });
});

it("views of views keep the right images", () => {
  const view = new LabeledImages(dataset, "train").subset([2, 1]).subset([1]);
  expect(view.count).toBe(1);
  expect(view.label(0)).toBe(1);
  expect(view.batch([0]).images).toEqual(new LabeledImages(dataset, "train").batch([1]).images);
});

it("mirrors about half of the images left to right, whole pixels, the same ones for the same stream", () => {
  const data = new LabeledImages(dataset, "train");
  const plain = [...data.batch([0]).images];
  const mirrored = [2, 3, 0, 1, 6, 7, 4, 5].map((i) => plain[i]);
  const indices = Array(1000).fill(0);
  const draw = () => data.batch(indices, { augmentation: { flip: true }, rng: Rng.seed(1) }).images;
  const images = draw();
  let flipped = 0;
  for (let i = 0; i < 1000; i++) {
    const image = [...images.subarray(i * 8, i * 8 + 8)];
    if (image.join() === mirrored.join()) flipped++;
    else expect(image).toEqual(plain);
  }
  expect(Math.abs(flipped - 500)).toBeLessThan(80); // 5 deviations of a fair coin
  expect(draw()).toEqual(images);
});

it.each([
  ["an index outside of the split", () => new LabeledImages(dataset, "train", [0, 3])],
  ["an index that is no integer", () => new LabeledImages(dataset, "train", [0.5])],
  [
    "a label that is no class",
    () => new LabeledImages(dataset, { ...split, labels: Uint8Array.of(0, 2, 0) }),
  ],
  [
    "a normalization of too few channels",
    () => new LabeledImages({ ...dataset, normalization: { mean: [0.5], std: [0.5] } }, "train"),
  ],
])("refuses %s", (_, make) => {
  expect(make).toThrow(expect.objectContaining({ code: "data/shape" }));
});

it("refuses an index outside of the view and a split whose sizes do not fit", () => {
  expect(() => new LabeledImages(dataset, "train").batch([3])).toThrow(RangeError);
  expect(() => new LabeledImages(dataset, { images: new Uint8Array(7), labels: new Uint8Array(1) })).toThrow(
    "1 labels but 7 bytes",
  );
});
