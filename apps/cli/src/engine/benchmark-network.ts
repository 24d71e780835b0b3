import type { LabeledData, Model, Objective } from "@isthmus/core";
import { classification, initialize, LabeledImages, type Rng, tf } from "@isthmus/core";

/** Widths of the network that is trained to measure a backend: that of the recipes, without biases. */
export const WIDTHS = [784, 400, 200, 100, 10] as const;

const kernel = (layer: number) => `layers.${layer}.kernel`;
const LAST = WIDTHS.length - 2;

/** A stack of dense layers with ReLU between them; no plugin is needed to measure a machine. */
const network: Model = {
  spec: {
    architecture: "benchmark",
    options: {},
    task: { inputShape: [28, 28, 1], classes: WIDTHS[LAST + 1] as number },
  },
  parameters: WIDTHS.slice(1).map((units, layer) => ({
    name: kernel(layer),
    shape: [WIDTHS[layer] as number, units],
    initializer: { kind: "uniform", bound: 1 / Math.sqrt(WIDTHS[layer] as number) },
    role: "weight",
  })),
  symmetry: [],
  stack: WIDTHS.slice(1).map((_, layer) => ({
    kernel: kernel(layer),
    activation: layer === LAST ? "linear" : "relu",
  })),
  apply(params, images) {
    let x = tf.reshape(images, [images.shape[0] as number, WIDTHS[0]]);
    for (let layer = 0; layer <= LAST; layer++) {
      x = tf.matMul(x, params.get(kernel(layer)) as typeof x);
      if (layer < LAST) x = tf.relu(x);
    }
    return x;
  },
};

/** What is trained. */
export function benchmarkObjective(rng: Rng): Objective {
  return classification(network, initialize(network, rng));
}

/** Random images with random labels. */
export function benchmarkData(count: number, rng: Rng): LabeledData {
  const split = {
    images: Uint8Array.from({ length: count * WIDTHS[0] }, () => rng.bits() & 255),
    labels: Uint8Array.from({ length: count }, () => rng.int(10)),
  };
  return new LabeledImages(
    {
      inputShape: [28, 28, 1],
      classNames: [..."0123456789"],
      normalization: { mean: [0.5], std: [0.29] },
      splits: { train: split, test: split },
    },
    "train",
  );
}
