import { definePartition, IsthmusError, nearest } from "@isthmus/core";
import { z } from "zod";
import { chooseShare, seedHasUse, shareOptions } from "./choose-share.js";

const options = z
  .strictObject({
    class: z
      .union([z.number().int().min(0), z.string()])
      .default(4)
      .describe("the class that only part a sees: its number, counted from 0, or its name"),
    ...shareOptions,
    share: shareOptions.share.describe("share of the other images that part a gets"),
  })
  .refine(seedHasUse.check, seedHasUse.message);

/** Options of the special-class partition. */
export type SpecialClassOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface PartitionOptions {
    "special-class": SpecialClassOptions;
  }
}

/** The number of a class that is given by number or name. */
function classNumber(special: number | string, classNames: readonly string[]): number {
  if (typeof special === "number") return special;
  const number = classNames.indexOf(special);
  if (number >= 0) return number;
  const close = nearest(special, classNames);
  throw new IsthmusError({
    code: "data/unknown-class",
    message: `Partition special-class: there is no class "${special}".`,
    hint: `${close === undefined ? "" : `Did you mean "${close}"? `}The classes are: ${classNames.join(", ")}.`,
  });
}

/**
 * The heterogeneous split of model fusion (Singh & Jaggi 2020): part `a` has all images of one special class and ⌊share · n⌋ of
 * the n other images, the first by index or any; part `b` has the rest of the others and never sees the special class.
 * Errors: `data/empty-part` where a part would have no image, `data/unknown-class`.
 */
export const specialClass = definePartition({
  name: "special-class",
  title: "Special class",
  description: "Part a has all images of one class and a share of the others, part b the other others.",
  options,
  parts: () => ["a", "b"],
  deal({ labels }, { class: given, ...sharing }, rng, classNames) {
    const special = classNumber(given, classNames);
    const indices = Uint32Array.from(labels.keys());
    const own = indices.filter((index) => labels[index] === special);
    const { chosen, others } = chooseShare(
      indices.filter((index) => labels[index] !== special),
      sharing,
      rng,
    );
    if (own.length === 0 || others.length === 0) {
      throw new IsthmusError({
        code: "data/empty-part",
        message: `Partition special-class: of ${labels.length} images, ${own.length} are of class ${special} and ${labels.length - own.length} are not.`,
        hint: "Set the option class to a class of the data set, counted from 0, and lower the option share if it is close to 1.",
      });
    }
    return new Map([
      ["a", Uint32Array.from([...own, ...chosen]).sort()],
      ["b", others],
    ]);
  },
});
