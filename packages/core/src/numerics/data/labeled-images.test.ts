import { describe, expect, it } from "vitest";
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
  const draw = () =>
    data.batch(indices, { augmentation: { flip: true, cropPadding: 0 }, rng: Rng.seed(1) }).images;
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

describe("a random crop", () => {
  /** A 3 × 3 image of one or three channels, each pixel with values of its own, none of them black. */
  const pictured = (channels: number): ImageDataset => {
    const one = {
      images: Uint8Array.from({ length: 9 * channels }, (_, i) => 10 + 5 * i),
      labels: Uint8Array.of(0),
    };
    return {
      inputShape: [3, 3, channels],
      classNames: ["x"],
      normalization: { mean: [0.5, 0.4, 0.3].slice(0, channels), std: Array(channels).fill(0.25) },
      splits: { train: one, test: one },
    };
  };
  /** What one sees of a padded image through a window of its old size, by definition, as bytes. */
  function seen(
    source: Uint8Array,
    channels: number,
    padding: number,
    y: number,
    x: number,
    flipped: boolean,
  ) {
    const pixel = (row: number, column: number, c: number) =>
      row < 0 || row > 2 || column < 0 || column > 2 ? 0 : source[(row * 3 + column) * channels + c];
    return Array.from({ length: 9 * channels }, (_, i) => {
      const [row, column, c] = [Math.floor(i / (3 * channels)), Math.floor(i / channels) % 3, i % channels];
      return pixel(row + y - padding, (flipped ? 2 - column : column) + x - padding, c);
    });
  }

  it.each([
    [1, 1],
    [1, 2],
    [2, 1],
    [3, 1],
    [3, 4],
  ])(
    "of %i channels with padding %i shows every place of the padded image equally often, mirrored half of the time, black outside",
    (channels, cropPadding) => {
      const dataset = pictured(channels);
      const { images: source } = dataset.splits.train;
      const count = 400 * (2 * cropPadding + 1) ** 2;
      const { images } = new LabeledImages(dataset, "train").batch(Array(count).fill(0), {
        augmentation: { flip: true, cropPadding },
        rng: Rng.seed(2),
      });
      const { mean, std } = dataset.normalization;
      const rows = new Map<string, number>();
      for (let i = 0; i < count; i++) {
        const bytes = Array.from(images.subarray(i * 9 * channels, (i + 1) * 9 * channels), (value, j) =>
          Math.round((value * std[j % channels] + mean[j % channels]) * 255),
        );
        rows.set(bytes.join(), (rows.get(bytes.join()) ?? 0) + 1);
      }
      const expected = new Map<string, number>();
      for (let y = 0; y <= 2 * cropPadding; y++)
        for (let x = 0; x <= 2 * cropPadding; x++)
          for (const flipped of [false, true]) {
            const view = seen(source, channels, cropPadding, y, x, flipped).join();
            expected.set(view, (expected.get(view) ?? 0) + 200);
          }
      expect(new Set(rows.keys())).toEqual(new Set(expected.keys()));
      for (const [view, times] of expected) {
        expect(Math.abs((rows.get(view) as number) - times)).toBeLessThan(6 * Math.sqrt(times));
      }
    },
  );

  it("gives what it gives into new memory, whatever was in the old", () => {
    const data = new LabeledImages(pictured(3), "train");
    const options = { augmentation: { flip: true, cropPadding: 2 }, pixels: "unit" as const };
    const fresh = data.batch([0, 0, 0], { ...options, rng: Rng.seed(4) });
    const into = { images: new Float32Array(81).fill(7), labels: new Int32Array(3) };
    expect(data.batch([0, 0, 0], { ...options, rng: Rng.seed(4), into }).images).toBe(into.images);
    expect(into.images).toEqual(fresh.images);
  });

  it("needs a stream", () => {
    const augmentation = { flip: false, cropPadding: 1 };
    expect(() => new LabeledImages(pictured(1), "train").batch([0], { augmentation })).toThrow(RangeError);
  });
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
