import { Rng } from "../rng.js";

/**
 * All of `count` images in as few batches of at most `size` as there can be, all of one size or one less, so that none is a small
 * rest. The order is a shuffle, as data sorted by class or task would make odd batches, and always the same one.
 */
export function evenBatches(count: number, size: number): Uint32Array[] {
  const order = Rng.seed(0).fork("statistics").permutation(count);
  const batches = Math.ceil(count / size);
  return Array.from({ length: batches }, (_, i) =>
    Uint32Array.from(
      order.subarray(Math.floor((i * count) / batches), Math.floor(((i + 1) * count) / batches)),
    ),
  );
}
