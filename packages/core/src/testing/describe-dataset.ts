import { beforeAll, describe, expect, it } from "vitest";
import type { Dataset, DatasetContext, ImageDataset } from "../contracts/dataset.js";
import { sizeOf } from "../numerics/params.js";
import { sha256 } from "../numerics/sha256.js";

/** How a data set is to be tried. */
export interface DescribeDatasetOptions {
  /** Options as a recipe would give them. */
  readonly options?: unknown;
  /** Where files come from; a data set that needs none can leave it out. */
  readonly files?: DatasetContext["files"];
  /** Largest difference between the stated normalization and the training pixels' own; .01 by default. */
  readonly tolerance?: number;
}

const noFiles: DatasetContext["files"] = {
  read: async ({ names }) => {
    throw new Error(`No files were given to the suite, but ${names[0]} was asked for.`);
  },
};

/**
 * The laws of a data set, as vitest tests: sizes fit, labels are classes and every class occurs in both splits, the
 * normalization is that of the training images, the digest is short and stable, loading twice gives the same bytes.
 */
export function describeDataset<Options>(
  dataset: Dataset<Options>,
  { options: input = {}, files = noFiles, tolerance = 0.01 }: DescribeDatasetOptions = {},
): void {
  const parsed = dataset.options.safeParse(input);
  if (!parsed.success)
    throw new Error(`The options to test with are not valid: ${JSON.stringify(parsed.error.issues)}`);
  const options = parsed.data;
  let loaded: ImageDataset;

  describe(`data set ${dataset.name} ${JSON.stringify(input)}`, () => {
    beforeAll(async () => {
      loaded = await dataset.load(options, { files });
    }, 120_000);

    it("has images and labels that fit each other, and every class in both splits", () => {
      for (const { images, labels } of Object.values(loaded.splits)) {
        expect(images.length).toBe(labels.length * sizeOf(loaded.inputShape));
        expect([...new Set(labels)].sort((a, b) => a - b)).toEqual(loaded.classNames.map((_, c) => c));
      }
    });

    it("is normalized by the mean and deviation of its training pixels", () => {
      const { images } = loaded.splits.train;
      const channels = loaded.inputShape[2];
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        let squares = 0;
        for (let i = c; i < images.length; i += channels) {
          sum += images[i] / 255;
          squares += (images[i] / 255) ** 2;
        }
        const count = images.length / channels;
        expect(Math.abs(loaded.normalization.mean[c] - sum / count)).toBeLessThan(tolerance);
        expect(
          Math.abs(loaded.normalization.std[c] - Math.sqrt(squares / count - (sum / count) ** 2)),
        ).toBeLessThan(tolerance);
      }
    });

    it("has a short, stable digest", async () => {
      const digest = await dataset.digest(options, { files });
      expect(digest).toMatch(/^.{8,64}$/);
      expect(await dataset.digest(options, { files })).toBe(digest);
    });

    it("loads to the same bytes again", async () => {
      const again = await dataset.load(options, { files });
      for (const split of ["train", "test"] as const) {
        expect(await sha256(again.splits[split].images)).toBe(await sha256(loaded.splits[split].images));
        expect(await sha256(again.splits[split].labels)).toBe(await sha256(loaded.splits[split].labels));
      }
    }, 120_000);
  });
}
