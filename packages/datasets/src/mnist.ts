import { type DatasetContext, defineDataset, IsthmusError, sha256 } from "@isthmus/core";
import { z } from "zod";
import { gunzip } from "./gunzip.js";
import { parseIdx } from "./idx.js";
import { normalizationOf, normalizationOption } from "./normalization.js";

const options = z.strictObject({ normalization: normalizationOption });

/** Options of MNIST. */
export type MnistOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface DatasetOptions {
    mnist: MnistOptions;
  }
}

const MIRRORS = [
  "https://storage.googleapis.com/cvdf-datasets/mnist/",
  "https://ossci-datasets.s3.amazonaws.com/mnist/",
];

/** A file of MNIST: its name without `.gz`, the sizes of its dimensions and the SHA-256 of its uncompressed bytes. */
interface MnistFile {
  readonly name: string;
  readonly sizes: readonly number[];
  readonly hash: string;
}

const FILES = {
  trainImages: {
    name: "train-images-idx3-ubyte",
    sizes: [60000, 28, 28],
    hash: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  },
  trainLabels: {
    name: "train-labels-idx1-ubyte",
    sizes: [60000],
    hash: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  },
  testImages: {
    name: "t10k-images-idx3-ubyte",
    sizes: [10000, 28, 28],
    hash: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  },
  testLabels: {
    name: "t10k-labels-idx1-ubyte",
    sizes: [10000],
    hash: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
  },
} satisfies Record<string, MnistFile>;

async function decode(bytes: Uint8Array, { sizes, hash }: MnistFile, source: string): Promise<Uint8Array> {
  const raw = await gunzip(bytes, source);
  const values = parseIdx(raw, sizes, source);
  const found = await sha256(raw);
  if (found !== hash) {
    throw new IsthmusError({
      code: "data/checksum",
      message: `${source} has the form of an MNIST file but not its content: the SHA-256 of its uncompressed bytes is ${found}, not ${hash}.`,
      hint: "Delete the file and get it again; a data set that only looks like MNIST needs a plugin of its own.",
    });
  }
  return values;
}

function read(file: MnistFile, { files, ...rest }: DatasetContext): Promise<Uint8Array> {
  return files.read(
    {
      folder: "mnist",
      names: [`${file.name}.gz`, file.name],
      urls: MIRRORS.map((mirror) => `${mirror}${file.name}.gz`),
      decode: (bytes, source) => decode(bytes, file, source),
    },
    rest,
  );
}

/**
 * MNIST (LeCun, Bottou, Bengio & Haffner 1998): 60,000 training and 10,000 test images `[28, 28, 1]` of handwritten digits.
 * IDX files, gzipped or plain, from wherever the file port finds them; each must have the published content.
 * Errors: `data/malformed` and `data/checksum`, naming the file.
 */
export const mnist = defineDataset({
  name: "mnist",
  title: "MNIST",
  description: "70,000 handwritten digits of 28 × 28 gray pixels.",
  source: "http://yann.lecun.com/exdb/mnist/",
  options,
  digest: async () => {
    const hashes = Object.values(FILES).map(({ hash }) => hash);
    return (await sha256(hashes.join())).slice(0, 32);
  },
  load: async ({ normalization }, context) => {
    const train = {
      images: await read(FILES.trainImages, context),
      labels: await read(FILES.trainLabels, context),
    };
    const test = {
      images: await read(FILES.testImages, context),
      labels: await read(FILES.testLabels, context),
    };
    return {
      inputShape: [28, 28, 1],
      classNames: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
      normalization: normalizationOf(normalization, { mean: [0.1307], std: [0.3081] }),
      splits: { train, test },
    };
  },
});
