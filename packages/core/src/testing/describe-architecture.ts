import type { Tensor } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { Architecture } from "../contracts/architecture.js";
import type { Model, TaskShape } from "../contracts/model.js";
import type { Params } from "../contracts/params.js";
import type { TensorBatch } from "../contracts/training.js";
import { crossEntropy } from "../numerics/cross-entropy.js";
import { LabeledImages } from "../numerics/data/labeled-images.js";
import { useBackend } from "../numerics/engine/engine.js";
import { disposeTensors, toTensors } from "../numerics/engine/tensors.js";
import { tf } from "../numerics/engine/tf.js";
import { checkParams, initialize, sizeOf } from "../numerics/params.js";
import { Rng } from "../numerics/rng.js";
import { permuteUnits } from "../numerics/symmetry.js";
import { classification, trainedNames } from "../numerics/training/classification.js";
import { copyParams, derivativeError, largestDifference, leakedTensors, logitsOf } from "./measure.js";
import { stackLogits } from "./stack-logits.js";

/** How an architecture is to be tried. */
export interface DescribeArchitectureOptions {
  /** Options as a recipe would give them; choose a small network. */
  readonly options?: unknown;
  /** 8×8 gray images of 4 classes by default. */
  readonly task?: TaskShape;
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

/** All images as one batch on the engine; call it inside `tidy`. */
function wholeBatch(data: LabeledImages): TensorBatch {
  const { images, labels } = data.batch([...Array(data.count).keys()]);
  return {
    images: tf.tensor(images, [data.count, ...data.inputShape]),
    labels: tf.tensor1d(labels, "int32"),
    index: 0,
  };
}

/** Loss of the batch as a double, the weights being given from outside; dropout off. */
async function lossAt(model: Model, params: Params, data: LabeledImages): Promise<number> {
  const logits = await logitsOf(model, params, data);
  const { classes } = data;
  let sum = 0;
  for (let i = 0; i < data.count; i++) {
    const row = Array.from(logits.subarray(i * classes, (i + 1) * classes));
    const max = Math.max(...row);
    sum += max + Math.log(row.reduce((z, value) => z + Math.exp(value - max), 0)) - row[data.label(i)];
  }
  return sum / data.count;
}

/**
 * The laws of an architecture, as vitest tests: rebuilt from its spec it is the same; logits have the right shape, are
 * finite and don't depend on the batch; its symmetry fits the parameters and leaves the function unchanged; `tap` sees every
 * group; where it describes itself as a stack, the stack is the same function, in training too; gradients agree with finite differences; nothing leaks.
 */
export function describeArchitecture<Options>(
  architecture: Architecture<Options>,
  { options: input = {}, task = { inputShape: [8, 8, 1], classes: 4 } }: DescribeArchitectureOptions = {},
): void {
  const parsed = architecture.options.safeParse(input);
  if (!parsed.success)
    throw new Error(`The options to test with are not valid: ${JSON.stringify(parsed.error.issues)}`);
  const model = architecture.build(parsed.data, task);
  const params = initialize(model, Rng.seed(0));
  const data = randomData(task);

  describe(`architecture ${architecture.name} ${JSON.stringify(input)}`, () => {
    beforeAll(async () => {
      await useBackend("wasm");
    });

    it("is rebuilt from its own spec", () => {
      const spec = JSON.parse(JSON.stringify(model.spec)) as typeof model.spec;
      const options = architecture.options.safeParse(spec.options);
      expect(options.success).toBe(true);
      if (!options.success) return;
      const rebuilt = architecture.build(options.data, spec.task);
      expect(rebuilt.parameters).toEqual(model.parameters);
      expect(rebuilt.symmetry).toEqual(model.symmetry);
      expect(rebuilt.stack).toEqual(model.stack);
    });

    it("has fresh weights of the right shapes", () => {
      checkParams(model, params, architecture.name);
    });

    it("gives finite logits of shape [batch, classes], image by image", async () => {
      const logits = await logitsOf(model, params, data);
      expect(logits).toHaveLength(data.count * task.classes);
      expect(logits.every(Number.isFinite)).toBe(true);
      for (let i = 0; i < data.count; i++) {
        const alone = await logitsOf(model, params, data.subset([i]));
        expect(
          largestDifference(alone, logits.subarray(i * task.classes, (i + 1) * task.classes)),
        ).toBeLessThan(1e-4);
      }
    });

    it("has unit groups whose axes have the group's size", () => {
      for (const { size, axes } of model.symmetry) {
        for (const { parameter, axis } of axes) {
          expect(model.parameters.find(({ name }) => name === parameter)?.shape[axis]).toBe(size);
        }
        expect(axes.some(({ side }) => side === "incoming")).toBe(true);
        expect(axes.some(({ side }) => side === "outgoing")).toBe(true);
      }
    });

    it("computes the same function with its hidden units permuted, in every group", async () => {
      const logits = await logitsOf(model, params, data);
      for (const { name, size } of model.symmetry) {
        const orders = new Map([[name, Rng.seed(1).fork(name).permutation(size)]]);
        const permuted = await logitsOf(model, permuteUnits(model, params, orders), data);
        expect(largestDifference(permuted, logits), name).toBeLessThan(1e-5);
      }
    });

    it("shows every group's pre- and post-activations, units last", () => {
      const seen = new Map<string, number | undefined>();
      const weights = toTensors(params);
      tf.tidy(() => {
        const images = tf.tensor(data.batch([0, 1]).images, [2, ...task.inputShape]);
        const activation = (group: string, stage: string, value: Tensor) =>
          void seen.set(`${group} ${stage}`, value.shape.at(-1));
        model.apply(weights, images, { training: false, tap: { activation } });
      });
      disposeTensors(weights);
      for (const { name, size } of model.symmetry) {
        expect(seen.get(`${name} pre`)).toBe(size);
        expect(seen.get(`${name} post`)).toBe(size);
      }
    });

    it.runIf(model.stack !== undefined)("is the stack it describes, also while training", () => {
      const { images } = data.batch([...Array(data.count).keys()]);
      const expected = stackLogits(model.stack ?? [], params, images);
      for (const training of [false, true]) {
        const weights = toTensors(params);
        const logits = tf.tidy(() => {
          const batch = tf.tensor(images, [data.count, ...task.inputShape]);
          return model.apply(weights, batch, { training, rng: Rng.seed(2) }).dataSync();
        });
        disposeTensors(weights);
        expect(largestDifference(logits, expected), `training: ${training}`).toBeLessThan(1e-5);
      }
    });

    it("has gradients that agree with central finite differences (to 3 %, at the largest entry of each)", async () => {
      const free = architecture.build({ ...parsed.data, dropout: 0 } as Options, task);
      const weights = toTensors(params);
      const gradients = tf.tidy(() => {
        const objective = classification(free, params);
        const { gradients: found, updates } = objective.lossAndGradients(
          weights,
          wholeBatch(data),
          Rng.seed(0),
        );
        for (const value of updates?.values() ?? []) value.dispose();
        return [...found].map(([name, value]) => [name, value.dataSync() as Float32Array] as const);
      });
      disposeTensors(weights);
      expect(gradients.map(([name]) => name)).toEqual(trainedNames(free));
      for (const [name, gradient] of gradients) {
        let position = 0;
        for (let i = 1; i < gradient.length; i++)
          if (Math.abs(gradient[i]) > Math.abs(gradient[position])) position = i;
        const lossMovedBy = async (by: number) => {
          const shifted = copyParams(params);
          (shifted.get(name) as { data: Float32Array }).data[position] += by;
          return lossAt(free, shifted, data);
        };
        const error = await derivativeError(lossMovedBy, gradient[position]);
        expect(error, name).toBeLessThan(0.03 * Math.abs(gradient[position]) + 1e-4);
      }
    });

    it("leaves no tensor behind, nor does a step of its training", async () => {
      expect(await leakedTensors(() => logitsOf(model, params, data))).toBe(0);
      const step = async () => {
        const weights = toTensors(params);
        tf.tidy(() => {
          classification(model, params).lossAndGradients(weights, wholeBatch(data), Rng.seed(0));
        });
        disposeTensors(weights);
      };
      expect(await leakedTensors(step)).toBe(0);
    });

    it("has a loss that core's cross-entropy computes as well", async () => {
      const logits = await logitsOf(model, params, data);
      const loss = tf.tidy(() =>
        crossEntropy(
          tf.tensor2d(logits, [data.count, task.classes]),
          tf.tensor1d(Int32Array.from({ length: data.count }, (_, i) => data.label(i))),
        ).dataSync(),
      )[0];
      expect(loss).toBeCloseTo(await lossAt(model, params, data), 4);
    });
  });
}
