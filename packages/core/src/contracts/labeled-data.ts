import type { Rng } from "../numerics/rng.js";

/** Random changes of training images, drawn anew for every batch. */
export interface Augmentation {
  /** Mirror each image left to right with probability 1/2. */
  readonly flip: boolean;
  /** Pixels of black that each side gets before the image is cropped to its old size at a random place; 0 leaves it where it is. */
  readonly cropPadding: number;
}

/** A batch on the host: `images [batch · pixels]`, ready to become a tensor of `[batch, …inputShape]`. */
export interface HostBatch {
  readonly images: Float32Array;
  readonly labels: Int32Array;
}

/** A view of labeled images: a split, a part of one, a memory. Nothing is copied until a batch is made. */
export interface LabeledData {
  readonly count: number;
  /** `[height, width, channels]` */
  readonly inputShape: readonly number[];
  readonly classes: number;
  /** Label of image i of this view. */
  label(index: number): number;
  /**
   * Images at `indices` of this view.
   * `pixels`: `normalized` (default) as networks are trained on them, or `unit`: plain values in [0, 1].
   * `into`: a batch of as many images that nobody reads any more; its memory may be used again.
   */
  batch(
    indices: ArrayLike<number>,
    options?: {
      readonly pixels?: "normalized" | "unit";
      readonly augmentation?: Augmentation;
      readonly rng?: Rng;
      readonly into?: HostBatch;
    },
  ): HostBatch;
  /** The view of the images at `indices` of this view. */
  subset(indices: ArrayLike<number>): LabeledData;
}
