import { type DatasetContext, defineDataset, sha256 } from "@isthmus/core";
import { z } from "zod";
import { type FoundFile, isPublished, readFiles } from "./cifar10/read-files.js";
import { toSplit } from "./cifar10/records.js";
import { normalizationOf, normalizationOption } from "./normalization.js";

const options = z.strictObject({ normalization: normalizationOption });

/** Options of CIFAR-10. */
export type Cifar10Options = z.output<typeof options>;

declare module "@isthmus/core" {
  interface DatasetOptions {
    cifar10: Cifar10Options;
  }
}

/** The means are those of the training pixels; the deviations, in wide use, are means of each image's own. */
const NORMALIZATION = { mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] };

/** Reads the files, and says it where they are not the published ones: results hold for what was read. */
async function read(context: DatasetContext): Promise<readonly FoundFile[]> {
  const files = await readFiles(context);
  const others = files.filter((file) => !isPublished(file));
  if (others.length > 0) {
    context.remark?.(
      `CIFAR-10: ${others.length} of ${files.length} files are not the published ones, so results are not those of the published data (${others[0].source}${others.length > 1 ? ", …" : ""}).`,
    );
  }
  return files;
}

/**
 * CIFAR-10 (Krizhevsky 2009): 50,000 training and 10,000 test images `[32, 32, 3]` of ten classes.
 * The public archive or its files, of the binary or of the Python version, from wherever the file port finds them. What is downloaded must be what was published; a
 * folder of one's own may hold other pictures in the same form, which is said in a remark and makes another digest.
 * Errors: `data/malformed`, `data/checksum` and `checkpoint/forbidden-pickle`, naming the file.
 */
export const cifar10 = defineDataset({
  name: "cifar10",
  title: "CIFAR-10",
  description: "60,000 color pictures of 32 × 32 pixels: animals and vehicles.",
  source: "https://www.cs.toronto.edu/~kriz/cifar.html",
  options,
  digest: async (_, context) => {
    const files = await read(context);
    return (await sha256(files.map(({ found }) => found).join())).slice(0, 32);
  },
  load: async ({ normalization }, context) => {
    const records = (await read(context)).map((file) => file.records);
    return {
      inputShape: [32, 32, 3],
      classNames: ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
      normalization: normalizationOf(normalization, NORMALIZATION),
      splits: { train: toSplit(records.slice(0, 5)), test: toSplit(records.slice(5)) },
    };
  },
});
