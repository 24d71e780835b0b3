import { defineDataset, Rng, sha256 } from "@isthmus/core";
import { z } from "zod";
import { SIDE } from "./digits/canvas.js";
import { generateDigits } from "./digits/generate.js";

const options = z.strictObject({
  train: z.number().int().min(10).default(15000).describe("number of training images"),
  test: z.number().int().min(10).default(3000).describe("number of test images"),
  seed: z.number().int().min(0).default(0).describe("seed of the generator"),
});

/** Options of the generated digits. */
export type DigitsOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface DatasetOptions {
    digits: DigitsOptions;
  }
}

/** Measured on the default training split; other seeds of that size differ by less than .001, a thousand images by about .003. */
const NORMALIZATION = { mean: [0.1323], std: [0.2381] };

const SAMPLE = 100;

/**
 * Digits drawn on the spot, like MNIST in form: images `[28, 28, 1]`, white on black, without any file or download.
 * Every seed gives other images, the same ones on every machine; each digit is equally frequent.
 * With the default options a linear classifier stays well below 95 % on the test images, and an MLP 400-200-100 gets above 97 %.
 */
export const digits = defineDataset({
  name: "digits",
  title: "Generated digits",
  description:
    "Digits of 28 × 28 gray pixels, drawn with random strokes, warps and noise; needs no download.",
  options,
  digest: async ({ train, test, seed }) => {
    const rng = Rng.seed(seed);
    const samples = [
      await generateDigits(SAMPLE, rng.fork("train")),
      await generateDigits(SAMPLE, rng.fork("test")),
    ];
    const hashes = await Promise.all(samples.map(({ images }) => sha256(images)));
    return (await sha256(JSON.stringify({ train, test, seed, hashes }))).slice(0, 32);
  },
  load: async ({ train, test, seed }, { progress, signal }) => {
    const rng = Rng.seed(seed);
    const total = train + test;
    return {
      inputShape: [SIDE, SIDE, 1],
      classNames: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
      normalization: NORMALIZATION,
      splits: {
        train: await generateDigits(train, rng.fork("train"), {
          progress: (done) => progress?.(done, total, "images"),
          signal,
        }),
        test: await generateDigits(test, rng.fork("test"), {
          progress: (done) => progress?.(train + done, total, "images"),
          signal,
        }),
      },
    };
  },
});
