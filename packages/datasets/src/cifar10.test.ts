import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type DataFiles, isIsthmusError, LabeledImages } from "@isthmus/core";
import { describeDataset } from "@isthmus/core/testing";
import { createTar } from "nanotar";
import { describe, expect, it } from "vitest";
import { ADDRESSES, FILES } from "./cifar10/published.js";
import { BATCH, BATCH_BYTES } from "./cifar10/records.js";
import { cifar10 } from "./cifar10.js";

const NAMES = FILES.map(({ name }) => name);
const options = { normalization: "standard" } as const;

/** A folder of files, by name; each is found at the first of the names asked for that is in it. */
function folder(contents: Readonly<Record<string, Uint8Array>>): DataFiles {
  return {
    read: async ({ names, decode }) => {
      const name = names.find((each) => Object.hasOwn(contents, each));
      if (name === undefined) throw new Error(`There is no ${names.join(" or ")}.`);
      return decode(contents[name], `dir/${name}`);
    },
  };
}

/** A download of an archive from the first address. */
const download = (archive: Uint8Array): DataFiles => ({
  read: ({ urls, decode }) => decode(archive, urls[0]),
});

/** A file in which image i has label i mod 10, and pixel p of its colors is (i + p), (i + 2 p + 1) and (i + 3 p + 2) mod 251. */
function batch(shift = 0): Uint8Array {
  const records = new Uint8Array(BATCH_BYTES);
  const pixels = Uint8Array.from({ length: 3072 + 251 }, (_, i) => i % 251);
  for (let i = 0; i < BATCH; i++) {
    records[i * 3073] = i % 10;
    records.set(pixels.subarray((i + shift) % 251, ((i + shift) % 251) + 3072), i * 3073 + 1);
  }
  return records;
}

const plain = batch();
const files = Object.fromEntries(NAMES.map((name) => [`${name}.bin`, plain]));
const shifted = { ...files, "test_batch.bin": batch(1) };
const archiveOf = (contents: Readonly<Record<string, Uint8Array>>) =>
  gzipSync(
    createTar(
      Object.entries(contents).map(([name, data]) => ({ name: `cifar-10-batches-bin/${name}`, data })),
    ),
    { level: 0 },
  );
const archive = archiveOf(files);

describe("cifar10", () => {
  it("puts the planes of a file side by side, in the order of files and records", async () => {
    const { inputShape, classNames, normalization, splits } = await cifar10.load(options, {
      files: folder(shifted),
    });
    expect(inputShape).toEqual([32, 32, 3]);
    expect(normalization).toEqual({ mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] });
    expect(classNames[5]).toBe("dog");
    expect(splits.train.labels).toHaveLength(50_000);
    expect(splits.test.labels).toHaveLength(10_000);
    const checked = [
      [splits.train, 0, 0],
      [splits.train, 10_003, 0],
      [splits.train, 49_999, 0],
      [splits.test, 12, 1],
    ] as const;
    for (const [{ images, labels }, image, shift] of checked) {
      const index = image % BATCH;
      expect(labels[image]).toBe(index % 10);
      for (const [y, x, c] of [
        [0, 0, 0],
        [0, 1, 0],
        [1, 0, 2],
        [31, 30, 1],
      ]) {
        const place = c * 1024 + y * 32 + x;
        expect(images[image * 3072 + (y * 32 + x) * 3 + c]).toBe((((index + shift) % 251) + place) % 251);
      }
    }
  });

  it("is seen as pixels in [0, 1] where no normalization is asked for", async () => {
    const dataset = await cifar10.load({ normalization: "none" }, { files: folder(files) });
    const { images } = new LabeledImages(dataset, "train").batch([20]);
    [20, 20 + 1024, 20 + 2048].forEach((value, c) => {
      expect(images[c]).toBeCloseTo((value % 251) / 255, 6);
    });
  });

  it("has a digest of its files' content: another one where one file differs, the same from an archive", async () => {
    const digest = (source: DataFiles) => cifar10.digest(options, { files: source });
    const known = await digest(folder(files));
    expect(known).toMatch(/^[0-9a-f]{32}$/);
    expect(await digest(folder(shifted))).not.toBe(known);
    expect(await digest(folder({ "cifar-10-binary.tar.gz": archive }))).toBe(known);
  });

  it("says in one remark that files are not the published ones, and which is the first", async () => {
    const remarks: string[] = [];
    await cifar10.digest(options, { files: folder(files), remark: (text) => remarks.push(text) });
    expect(remarks).toEqual([
      "CIFAR-10: 6 of 6 files are not the published ones, so results are not those of the published data (dir/data_batch_1.bin, …).",
    ]);
  });

  it("takes nothing but the published files from a download", async () => {
    await expect(cifar10.load(options, { files: download(archive) })).rejects.toMatchObject({
      code: "data/checksum",
      message: expect.stringContaining("cifar-10-binary.tar.gz: cifar-10-batches-bin/data_batch_1.bin has"),
    });
  });

  it("asks for the archive first, which has two addresses, then for the first file in either version", async () => {
    const asked: unknown[] = [];
    const port: DataFiles = {
      read: async ({ folder: place, names, urls }) => {
        asked.push(place, names, urls);
        throw new Error("enough");
      },
    };
    await expect(cifar10.digest(options, { files: port })).rejects.toThrow("enough");
    const names = [
      "cifar-10-binary.tar.gz",
      "cifar-10-batches-bin/data_batch_1.bin",
      "data_batch_1.bin",
      "cifar-10-batches-py/data_batch_1",
      "data_batch_1",
      "cifar-10-python.tar.gz",
    ];
    expect(asked).toEqual(["cifar10", names, ADDRESSES]);
    expect(ADDRESSES.every((url) => url.endsWith("/cifar-10-binary.tar.gz"))).toBe(true);
  });
});

describe("cifar10, given wrong files", () => {
  const problem = async (contents: Readonly<Record<string, Uint8Array>>) => {
    const error = await cifar10.load(options, { files: folder(contents) }).catch((reason: unknown) => reason);
    if (!isIsthmusError(error)) throw error;
    return `${error.code}: ${error.message}`;
  };

  it("says which file is cut off, and what it should have", async () => {
    const cut = { ...files, "data_batch_3.bin": plain.subarray(0, 1_000_000) };
    expect(await problem(cut)).toBe(
      "data/malformed: dir/data_batch_3.bin is cut off: it has 1000000 bytes; a file of CIFAR-10 has 10000 records of 3073 bytes, 30730000 in all.",
    );
  });

  it("says which file has a label that is no class", async () => {
    const wrong = plain.slice();
    wrong[7 * 3073] = 10;
    expect(await problem({ ...files, "test_batch.bin": wrong })).toBe(
      "data/malformed: dir/test_batch.bin is not a file of CIFAR-10: its record 7 has the label 10, but there are 10 classes.",
    );
  });

  it("says so where an archive is cut off, or lacks a file", async () => {
    const first = archiveOf({ "data_batch_1.bin": plain });
    expect(await problem({ "cifar-10-binary.tar.gz": first })).toBe(
      "data/malformed: dir/cifar-10-binary.tar.gz is an archive without data_batch_2.bin or data_batch_2.",
    );
    expect(await problem({ "cifar-10-binary.tar.gz": first.subarray(0, 50_000) })).toMatch(
      /^data\/malformed: dir\/cifar-10-bin.* cut off/,
    );
    const tar = createTar([{ name: "data_batch_1.bin", data: plain }]).subarray(0, 9_000_000);
    expect(await problem({ "cifar-10-binary.tar.gz": gzipSync(tar, { level: 0 }) })).toMatch(
      /^data\/malformed: dir\/cifar-10-bin.*is not a tar archive, or one that is cut off/,
    );
  });
});

const dataDir = process.env.ISTHMUS_DATA_DIR;
const found = await readFile(join(dataDir ?? "", "cifar-10-batches-bin/data_batch_1.bin")).catch(
  () => undefined,
);

if (dataDir === undefined || found === undefined) {
  it.skip(
    "on real files: set ISTHMUS_DATA_DIR to a folder that holds cifar-10-batches-bin/data_batch_1.bin and the other five",
  );
} else {
  const read = (name: string) => readFile(join(dataDir, name));
  const real: DataFiles = {
    read: async ({ names, decode }) => {
      const name = names.find((each) => each.startsWith("cifar-10-batches-bin/")) ?? names[0];
      return decode(await read(name), name);
    },
  };

  // The deviations in use are means of each image's own, .05 below those of all pixels.
  describeDataset(cifar10, { files: real, tolerance: 0.07 });

  describe("cifar10, on real files", () => {
    it("has 5,000 training and 1,000 test images of each class", async () => {
      const { splits } = await cifar10.load(options, { files: real });
      for (const [{ labels }, each] of [
        [splits.train, 5000],
        [splits.test, 1000],
      ] as const) {
        const counts = new Array<number>(10).fill(0);
        for (const label of labels) counts[label]++;
        expect(counts).toEqual(Array(10).fill(each));
      }
    });
  });
}
