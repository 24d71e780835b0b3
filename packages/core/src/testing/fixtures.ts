import { z } from "zod";
import { defineArchitecture } from "../contracts/architecture.js";
import type { ImageDataset, ImageSplit } from "../contracts/dataset.js";
import type { FusionContext, FusionInput, FusionMeta } from "../contracts/fusion.js";
import type { LabeledData } from "../contracts/labeled-data.js";
import type { Model, UnitAxis } from "../contracts/model.js";
import type { Params } from "../contracts/params.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import { LabeledImages } from "../numerics/data/labeled-images.js";
import { tf } from "../numerics/engine/tf.js";
import { initialize } from "../numerics/params.js";
import { Rng } from "../numerics/rng.js";
import { train } from "../numerics/training/train.js";

/** A small fully connected network with biases, for laws that need some network: 6×6 images, 3 classes. */
export const toyArchitecture = defineArchitecture({
  name: "toy",
  title: "Toy network",
  description: "Two small hidden layers with biases, for tests.",
  options: z.strictObject({ hidden: z.array(z.number().int().positive()).default([8, 5]) }),
  build({ hidden }, task): Model {
    const widths = [task.inputShape.reduce((a, b) => a * b, 1), ...hidden, task.classes];
    const layers = widths
      .slice(1)
      .map((units, l) => ({ inputs: widths[l], units, kernel: `kernel${l}`, bias: `bias${l}` }));
    return {
      spec: { architecture: "toy", options: { hidden }, task },
      parameters: layers.flatMap(({ inputs, units, kernel, bias }) => {
        const initializer = { kind: "uniform", bound: 1 / Math.sqrt(inputs) } as const;
        return [
          { name: kernel, shape: [inputs, units], initializer, role: "weight" as const },
          { name: bias, shape: [units], initializer, role: "bias" as const },
        ];
      }),
      symmetry: hidden.map((size, l) => ({
        name: `units${l}`,
        size,
        axes: [
          { parameter: `kernel${l}`, axis: 1, side: "incoming" },
          { parameter: `bias${l}`, axis: 0, side: "incoming" },
          { parameter: `kernel${l + 1}`, axis: 0, side: "outgoing" },
        ] satisfies UnitAxis[],
      })),
      stack: layers.map(({ kernel, bias }, l) => ({
        kernel,
        bias,
        activation: l === hidden.length ? "linear" : "relu",
      })),
      apply(params, images, { tap }) {
        let x = tf.reshape(images, [images.shape[0] as number, widths[0]]);
        layers.forEach(({ kernel, bias }, l) => {
          x = tf.add(tf.matMul(x, params.get(kernel) as typeof x), params.get(bias) as typeof x);
          if (l === hidden.length) return;
          tap?.activation?.(`units${l}`, "pre", x);
          x = tf.relu(x);
          tap?.activation?.(`units${l}`, "post", x);
        });
        return x;
      },
    };
  },
});

/** A toy network with the given hidden sizes. */
export function toyModel(hidden: readonly number[] = [8, 5]): Model {
  return toyArchitecture.build({ hidden: [...hidden] }, { inputShape: [6, 6, 1], classes: 3 });
}

function toySplit(seed: number, count: number): ImageSplit {
  const rng = Rng.seed(seed).fork("toy data");
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 3);
  const images = Uint8Array.from({ length: count * 36 }, (_, i) => {
    const bright = Math.floor((i % 6) / 2) === labels[Math.floor(i / 36)];
    return (bright ? 120 : 40) + rng.int(100);
  });
  return { images, labels };
}

/** Three classes of noisy 6×6 images: bright bars at the left, in the middle or at the right. Test images are those of the next seed. */
export function toyDataset(seed = 0, count = 90): ImageDataset {
  return {
    inputShape: [6, 6, 1],
    classNames: ["left", "middle", "right"],
    normalization: { mean: [0.45], std: [0.2] },
    splits: { train: toySplit(seed, count), test: toySplit(seed + 1, count) },
  };
}

/** The training images of {@link toyDataset}. */
export function toyData(seed = 0, count = 90): LabeledData {
  return new LabeledImages(toyDataset(seed, count), "train");
}

/** Toy networks with fresh weights, equally weighted: what fusion methods are tried on. */
export function toyInputs(count = 2, seed = 0, hidden: readonly number[] = [8, 5]): FusionInput[] {
  const model = toyModel(hidden);
  return Array.from({ length: count }, (_, i) => ({
    model,
    params: initialize(model, Rng.seed(seed).fork(`input ${i}`)),
    weight: 1 / count,
  }));
}

/** What {@link toyContext} can be told. */
export interface ToyContextOptions {
  /** The method's `meta.needs`: what is not named is not there. By default everything is. */
  readonly needs?: FusionMeta["needs"];
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly data?: LabeledData;
  readonly base?: Params;
}

/**
 * A fusion context over toy data, with core's training loop behind it and recorded metrics. Like a run's, it holds data and
 * ancestor only where `needs` names them, and trains at most once.
 */
export function toyContext({
  needs = ["base", "data", "training"],
  seed = 0,
  signal,
  data = toyData(),
  base,
}: ToyContextOptions = {}): FusionContext & {
  readonly recorded: { values: Readonly<Record<string, number>>; step: number }[];
} {
  const rng = Rng.seed(seed);
  const recorded: { values: Readonly<Record<string, number>>; step: number }[] = [];
  const abort = signal ?? new AbortController().signal;
  const hasData = needs.includes("data") || needs.includes("training");
  let trained = false;
  return {
    rng,
    signal: abort,
    ...(hasData ? { data } : {}),
    ...(needs.includes("base") ? { base: base ?? initialize(toyModel(), rng.fork("base")) } : {}),
    recorded,
    async train(objective, settings, hooks) {
      if (!hasData || trained) {
        throw new IsthmusError({
          code: "fusion/training",
          message: trained
            ? "A fusion asked for training a second time."
            : "A fusion asked for training, but its method's `meta.needs` does not name it.",
          hint: "Name `training` in `meta.needs`, and train once per fusion.",
        });
      }
      trained = true;
      return train(objective, data, settings, {
        rng: rng.fork("train"),
        signal: abort,
        hooks,
        metrics: (values, step) => void recorded.push({ values, step }),
      });
    },
    fuse: async (name) => {
      throw new IsthmusError({
        code: "plugin/unknown-name",
        message: `The toy context has no method "${name}".`,
      });
    },
    metrics: (values, step) => void recorded.push({ values, step }),
    progress: () => {},
  };
}
