import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type DataFiles, Rng } from "@isthmus/core";
import { describeDataset } from "@isthmus/core/testing";
import { describe, expect, it } from "vitest";
import { mnist } from "./mnist.js";
import { specialClass } from "./special-class.js";

/** A file port that finds each file by its name without `.gz`. */
function fileSystem(find: (name: string) => Promise<Uint8Array> | Uint8Array): DataFiles {
  return { read: async ({ names, decode }) => decode(await find(names[1]), `dir/${names[0]}`) };
}

function blank(...sizes: number[]): Uint8Array {
  const file = new Uint8Array(4 + 4 * sizes.length + sizes.reduce((product, size) => product * size, 1));
  file.set([0, 0, 8, sizes.length]);
  const view = new DataView(file.buffer);
  sizes.forEach((size, i) => {
    view.setUint32(4 + 4 * i, size);
  });
  return file;
}

const testImages = gzipSync(blank(10000, 28, 28));
const trainLabels = gzipSync(blank(60000));
const load = (trainImages: Uint8Array) =>
  mnist.load({ normalization: "standard" }, { files: fileSystem(() => trainImages) });

it("is seen as pixels in [0, 1] where no normalization is asked for", async () => {
  const files: DataFiles = { read: async () => new Uint8Array(0) as never };
  const seen = async (normalization: "standard" | "none") =>
    (await mnist.load({ normalization }, { files })).normalization;
  expect(mnist.options.safeParse({})).toMatchObject({ data: { normalization: "standard" } });
  expect(await seen("standard")).toEqual({ mean: [0.1307], std: [0.3081] });
  expect(await seen("none")).toEqual({ mean: [0], std: [1] });
});

describe("mnist, given wrong files", () => {
  it("says so where training and test files are swapped", async () => {
    await expect(load(testImages)).rejects.toMatchObject({
      code: "data/malformed",
      message:
        "dir/train-images-idx3-ubyte.gz holds 10000 images of 28 × 28; 60000 images of 28 × 28 are expected.",
    });
  });

  it("says so where images and labels are swapped", async () => {
    await expect(load(trainLabels)).rejects.toMatchObject({
      code: "data/malformed",
      message: "dir/train-images-idx3-ubyte.gz holds 60000 labels; 60000 images of 28 × 28 are expected.",
    });
  });

  it("says so where a file is cut off, compressed or not", async () => {
    const message = expect.stringMatching(/^dir\/train-images-idx3-ubyte\.gz is .*cut off/);
    await expect(load(testImages.subarray(0, 2000))).rejects.toMatchObject({
      code: "data/malformed",
      message,
    });
    await expect(load(blank(60000, 28, 28).subarray(0, -1))).rejects.toMatchObject({
      code: "data/malformed",
      message,
    });
  });

  it("refuses a file of the right form whose content is not MNIST's", async () => {
    await expect(load(blank(60000, 28, 28))).rejects.toMatchObject({
      code: "data/checksum",
      message: expect.stringContaining("dir/train-images-idx3-ubyte.gz"),
    });
  });

  it("asks for the gzipped file first and knows two addresses of it", async () => {
    const asked: unknown[] = [];
    const files: DataFiles = {
      read: async ({ folder, names, urls }) => {
        asked.push([folder, names, urls.length, urls.every((url) => url.endsWith(`/mnist/${names[0]}`))]);
        return undefined as never;
      },
    };
    await mnist.load({ normalization: "standard" }, { files });
    const stems = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"];
    expect(asked).toEqual(stems.map((stem) => ["mnist", [`${stem}-ubyte.gz`, `${stem}-ubyte`], 2, true]));
  });
});

const dataDir = process.env.ISTHMUS_DATA_DIR;

if (dataDir === undefined) {
  it.skip(
    "on the real files: set ISTHMUS_DATA_DIR to a folder that holds mnist/train-images-idx3-ubyte.gz and the other three",
  );
} else {
  const real = (name: string) => readFile(join(dataDir, "mnist", `${name}.gz`));
  const files = fileSystem(real);

  describeDataset(mnist, { files, tolerance: 1e-4 });

  describe("mnist, on the real files", () => {
    it("has the published numbers of images per class, and begins with 5, 0, 4, 1, 9", async () => {
      const { labels } = (await mnist.load({ normalization: "standard" }, { files })).splits.train;
      expect([...labels.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
      const counts = new Array<number>(10).fill(0);
      for (const label of labels) counts[label]++;
      expect(counts).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    });

    it("refuses a file with one changed byte, and labels of the other split", async () => {
      const changed = await real("train-images-idx3-ubyte");
      changed[changed.length >> 1] ^= 1;
      await expect(load(changed)).rejects.toMatchObject({ code: "data/malformed" });
      const swapped = fileSystem((name) => real(name.replace("train-labels", "t10k-labels")));
      await expect(mnist.load({ normalization: "standard" }, { files: swapped })).rejects.toMatchObject({
        message: "dir/train-labels-idx1-ubyte.gz holds 10000 labels; 60000 labels are expected.",
      });
    });

    it("splits for digit 4 into 5842 + 5415 and 48743 images", async () => {
      const { classNames, splits } = await mnist.load({ normalization: "standard" }, { files });
      const parts = specialClass.deal(
        splits.train,
        { class: 4, share: 0.1, order: "first" },
        Rng.seed(0),
        classNames,
      );
      expect(parts.get("a")).toHaveLength(5842 + 5415);
      expect(parts.get("b")).toHaveLength(48743);
    });
  });
}
