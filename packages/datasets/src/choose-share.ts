import { Rng } from "@isthmus/core";
import { z } from "zod";

/** Options of a partition that gives a share of some images to part a. */
export const shareOptions = {
  share: z.number().min(0).lt(1).default(0.1),
  order: z
    .enum(["first", "random"])
    .default("first")
    .describe("which images the share is: the first by index, or any"),
  seed: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe(
      "of a random share: draws the same one for every seed of a recipe; left out, each draws its own",
    ),
};

/** A random seed makes no sense where nothing is random. */
export const seedHasUse = {
  check: ({ order, seed }: ShareOptions): boolean => order === "random" || seed === undefined,
  message: { path: ["seed"], message: "nothing is random unless order is random" },
};

/** Which images part a gets. */
export interface ShareOptions {
  readonly share: number;
  readonly order: "first" | "random";
  readonly seed?: number | undefined;
}

/** ⌊share · count⌋, where 29 % of 100 is 29 although .29 · 100 < 29 in binary. */
function shareOf(count: number, share: number): number {
  return Math.floor(share * count * (1 + Number.EPSILON));
}

/** ⌊share · n⌋ of n indices, and the others; both ascending if the indices are. */
export function chooseShare(
  indices: Uint32Array,
  { share, order, seed }: ShareOptions,
  rng: Rng,
): { readonly chosen: Uint32Array; readonly others: Uint32Array } {
  const count = shareOf(indices.length, share);
  if (order === "first") return { chosen: indices.slice(0, count), others: indices.slice(count) };
  const drawn = (seed === undefined ? rng : Rng.seed(seed)).permutation(indices.length);
  const sorted = (places: Uint32Array) => places.sort().map((place) => indices[place]);
  return { chosen: sorted(drawn.slice(0, count)), others: sorted(drawn.slice(count)) };
}
