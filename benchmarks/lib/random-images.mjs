// Images and labels to train on where only the time counts.
import { randomFillSync } from "node:crypto";
import { LabeledImages } from "@isthmus/core";

/** `count` images of random bytes, of shape `[height, width, channels]`, with ten labels in turn. */
export function randomImages(inputShape, count) {
  const split = {
    images: randomFillSync(new Uint8Array(count * inputShape.reduce((a, b) => a * b))),
    labels: Uint8Array.from({ length: count }, (_, i) => i % 10),
  };
  const channels = inputShape[2];
  const dataset = {
    inputShape,
    classNames: [..."0123456789"],
    normalization: { mean: Array(channels).fill(0.5), std: Array(channels).fill(0.29) },
    splits: { train: split, test: split },
  };
  return new LabeledImages(dataset, "train");
}
