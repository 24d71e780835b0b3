import { type ImageDataset, type ImageSplit, Rng } from "@isthmus/core";

/** 30 training images and 20 of the test, 6×6, of three classes; noise without meaning. */
export function toyDataset(): ImageDataset {
  const rng = Rng.seed(1);
  const noise = (count: number): ImageSplit => ({
    images: Uint8Array.from({ length: count * 36 }, () => rng.int(256)),
    labels: Uint8Array.from({ length: count }, (_, i) => i % 3),
  });
  return {
    inputShape: [6, 6, 1],
    classNames: ["left", "middle", "right"],
    normalization: { mean: [0.5], std: [0.3] },
    splits: { train: noise(30), test: noise(20) },
  };
}
