import { definePartition, IsthmusError } from "@isthmus/core";
import { z } from "zod";

const options = z.strictObject({
  class: z.number().int().min(0).default(4).describe("the class that only part a sees, counted from 0"),
  share: z.number().min(0).lt(1).default(0.1).describe("share of the other images that part a gets"),
});

/** Options of the special-class partition. */
export type SpecialClassOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface PartitionOptions {
    "special-class": SpecialClassOptions;
  }
}

/** ⌊share · count⌋, where 29 % of 100 is 29 although .29 · 100 < 29 in binary. */
function shareOf(count: number, share: number): number {
  return Math.floor(share * count * (1 + Number.EPSILON));
}

/**
 * The heterogeneous split of model fusion (Singh & Jaggi 2020): part `a` has all images of one special class and the first
 * ⌊share · n⌋ of the n other images, by index; part `b` has the rest of the others and never sees the special class.
 * Nothing is random.
 * Errors: `data/empty-part` where a part would have no image.
 */
export const specialClass = definePartition({
  name: "special-class",
  title: "Special class",
  description: "Part a has all images of one class and a share of the others, part b the other others.",
  options,
  parts: () => ["a", "b"],
  deal({ labels }, { class: special, share }) {
    const indices = Uint32Array.from(labels, (_, index) => index);
    const own = indices.filter((index) => labels[index] === special);
    const others = indices.filter((index) => labels[index] !== special);
    const first = shareOf(others.length, share);
    if (own.length === 0 || first === others.length) {
      throw new IsthmusError({
        code: "data/empty-part",
        message: `Partition special-class: of ${labels.length} images, ${own.length} are of class ${special} and ${others.length} are not.`,
        hint: "Set the option class to a class of the data set, counted from 0, and lower the option share if it is close to 1.",
      });
    }
    const boundary = others[first];
    return new Map([
      ["a", indices.filter((index) => labels[index] === special || index < boundary)],
      ["b", others.slice(first)],
    ]);
  },
});
