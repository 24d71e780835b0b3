import { definePartition, IsthmusError } from "@isthmus/core";
import { z } from "zod";
import { chooseShare, seedHasUse, shareOptions } from "./choose-share.js";

const options = z
  .strictObject({
    ...shareOptions,
    share: shareOptions.share.describe("share of the images that part a gets"),
  })
  .refine(seedHasUse.check, seedHasUse.message);

/** Options of the partition by share. */
export type ShareOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface PartitionOptions {
    share: ShareOptions;
  }
}

/**
 * Part `a` has ⌊share · n⌋ of the n images, the first by index or any; part `b` has the rest.
 * Errors: `data/empty-part` where a part would have no image.
 */
export const share = definePartition({
  name: "share",
  title: "Share",
  description: "Part a has a share of the images, part b the rest.",
  options,
  parts: () => ["a", "b"],
  deal({ labels }, given, rng) {
    const { chosen, others } = chooseShare(Uint32Array.from(labels.keys()), given, rng);
    if (chosen.length === 0 || others.length === 0) {
      throw new IsthmusError({
        code: "data/empty-part",
        message: `Partition share: a share of ${given.share} of ${labels.length} images leaves part ${chosen.length === 0 ? "a" : "b"} without any.`,
        hint: "Set the option share to another value between 0 and 1.",
      });
    }
    return new Map([
      ["a", chosen],
      ["b", others],
    ]);
  },
});
