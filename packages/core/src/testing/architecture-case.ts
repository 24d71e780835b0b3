import type { Tensor } from "@tensorflow/tfjs-core";
import type { Architecture } from "../contracts/architecture.js";
import type { LabeledData } from "../contracts/labeled-data.js";
import type { ApplyContext, Model, TaskShape } from "../contracts/model.js";
import type { Params } from "../contracts/params.js";
import type { TensorBatch } from "../contracts/training.js";
import { LabeledImages } from "../numerics/data/labeled-images.js";
import { disposeTensors, toTensors } from "../numerics/engine/tensors.js";
import { tf } from "../numerics/engine/tf.js";
import { initialize, sizeOf } from "../numerics/params.js";
import { Rng } from "../numerics/rng.js";

/** An architecture with options, weights and images to try it on. */
export interface ArchitectureCase {
  readonly architecture: Architecture<unknown>;
  readonly options: unknown;
  readonly model: Model;
  /** The same without dropout: what it computes while training is no matter of chance. */
  readonly free: Model;
  readonly task: TaskShape;
  readonly fresh: Params;
  /** Weights that are larger than fresh ones, so that deep networks tell images apart, and no two units of which are alike. */
  readonly params: Params;
  readonly data: LabeledImages;
}

const BATCH = 6;

function randomData({ inputShape, classes }: TaskShape): LabeledImages {
  const rng = Rng.seed(11).fork("images");
  const labels = Uint8Array.from({ length: BATCH }, (_, i) => i % classes);
  const images = Uint8Array.from({ length: BATCH * sizeOf(inputShape) }, () => rng.int(256));
  const channels = inputShape[2];
  const split = { images, labels };
  return new LabeledImages(
    {
      inputShape: inputShape as [number, number, number],
      classNames: Array.from({ length: classes }, (_, c) => String(c)),
      normalization: { mean: Array(channels).fill(0.5), std: Array(channels).fill(0.3) },
      splits: { train: split, test: split },
    },
    split,
  );
}

/** Weights and biases times √3, for unit variance from layer to layer; what starts as a constant is moved up by less than 1. */
function enliven(model: Model, fresh: Params): Params {
  return new Map(
    model.parameters.map(({ name, initializer }) => {
      const { shape, data } = fresh.get(name) as { shape: readonly number[]; data: Float32Array };
      const steps = Rng.seed(12).fork(name).uniforms(data.length);
      const constant = initializer.kind === "constant";
      return [name, { shape, data: data.map((x, i) => (constant ? x + steps[i] : x * Math.sqrt(3))) }];
    }),
  );
}

/** Prepares a case; fails where the options are not valid. */
export function architectureCase<Options>(
  architecture: Architecture<Options>,
  input: unknown,
  task: TaskShape,
): ArchitectureCase {
  const parsed = architecture.options.safeParse(input);
  if (!parsed.success)
    throw new Error(`The options to test with are not valid: ${JSON.stringify(parsed.error.issues)}`);
  const model = architecture.build(parsed.data, task);
  const fresh = initialize(model, Rng.seed(0));
  return {
    architecture: architecture as Architecture<unknown>,
    options: parsed.data,
    model,
    free: architecture.build({ ...parsed.data, dropout: 0 }, task),
    task,
    fresh,
    params: enliven(model, fresh),
    data: randomData(task),
  };
}

/** All images as one batch on the engine; call it inside `tidy`. */
export function wholeBatch(data: LabeledData): TensorBatch {
  const indices = Uint32Array.from({ length: data.count }, (_, i) => i);
  const { images, labels } = data.batch(indices);
  return {
    images: tf.tensor(images, [data.count, ...data.inputShape]),
    labels: tf.tensor1d(labels, "int32"),
    index: 0,
    indices,
  };
}

/** Logits `[images · classes]` of a network on all images of a case, in the given circumstances. */
export function logitsIn(
  model: Model,
  params: Params,
  data: LabeledImages,
  context: ApplyContext,
): Float32Array {
  const weights = toTensors(params);
  const logits = tf.tidy(() => model.apply(weights, wholeBatch(data).images, context).dataSync());
  disposeTensors(weights);
  return logits as Float32Array;
}

/** One of several reports of a group's activations. */
export interface Report {
  readonly group: string;
  readonly stage: "pre" | "post";
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Everything `tap` sees of activations, in order. */
export function reportsOf({ model, data }: ArchitectureCase, params: Params): Report[] {
  const reports: Report[] = [];
  const activation = (group: string, stage: "pre" | "post", value: Tensor) =>
    void reports.push({ group, stage, shape: [...value.shape], values: value.dataSync() as Float32Array });
  logitsIn(model, params, data, { training: false, tap: { activation } });
  return reports;
}
