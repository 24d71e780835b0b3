import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { Evaluation } from "../../contracts/evaluation.js";
import type { HostBatch, LabeledData } from "../../contracts/labeled-data.js";
import type { DenseLayer } from "../../contracts/model.js";
import type { ArrayValue, Params } from "../../contracts/params.js";
import type { Tensors } from "../../contracts/training.js";
import { throwIfAborted } from "../../errors/isthmus-error.js";
import { combineTensors } from "../combine.js";
import { engine } from "../engine/engine.js";
import { disposeTensors, toTensors } from "../engine/tensors.js";
import { tf } from "../engine/tf.js";
import { batchFrom, type EvaluateOptions } from "../evaluate.js";
import { Pacer } from "../pacer.js";
import { Tally } from "../tally.js";

/** Images at a time: products are small here, so that starting an operation would show if there were fewer. */
const BATCH_SIZE = 1000;

/** How combinations of stacks are evaluated. */
export interface StackCombinationsOptions extends EvaluateOptions {
  /** First-layer products that are held at a time, at least those of a batch; the wasm backend keeps a second, packed copy. */
  readonly productBytes?: number;
}

/** Pre-activations of the first layer under every network of the basis, `[basis, batch · units]`, and the batch's labels. */
interface Products {
  readonly values: Tensor2D;
  readonly labels: Int32Array;
}

/** The parameters of some layers. */
function parametersOf(layers: readonly DenseLayer[], params: Params): Params {
  const names = layers.flatMap(({ kernel, bias }) => (bias === undefined ? [kernel] : [kernel, bias]));
  return new Map(names.map((name) => [name, params.get(name) as ArrayValue]));
}

/** activation(x · kernel + bias) */
function dense(x: Tensor2D, weights: Tensors, { kernel, bias, activation }: DenseLayer): Tensor2D {
  const shift = bias === undefined ? {} : { bias: weights.get(bias) as Tensor1D };
  return tf.fused.matMul({ a: x, b: weights.get(kernel) as Tensor2D, activation, ...shift }) as Tensor2D;
}

/**
 * Evaluates the stacks of dense layers with weights Σᵢ cᵢ · basis[i], one for each row c of `coefficients`. The first layer is
 * linear in its weights, so X is multiplied once by each network of the basis, and a point's pre-activations are their
 * combination c · products; deeper weights are combined themselves. Takes valid arguments only (`evaluateCombinations`).
 */
export async function evaluateStackCombinations(
  [first, ...deeper]: readonly DenseLayer[],
  basis: readonly Params[],
  coefficients: readonly (readonly number[])[],
  data: LabeledData,
  { batchSize = BATCH_SIZE, productBytes = 2 ** 26, signal, progress }: StackCombinationsOptions,
): Promise<Evaluation[]> {
  await engine();
  const pacer = new Pacer();
  const tallies = coefficients.map(() => new Tally(data.classes));
  const [inputs, units] = (basis[0].get(first.kernel) as ArrayValue).shape;
  const deeperBasis = basis.map((params) => toTensors(parametersOf(deeper, params)));
  const firstBasis = basis.map((params) => toTensors(parametersOf([first], params)));
  const deeperNames = [...(deeperBasis[0]?.keys() ?? [])];

  const productsOf = ({ images, labels }: HostBatch): Products => {
    const values = tf.tidy(() => {
      const x = tf.tensor2d(images, [labels.length, inputs]);
      const each = firstBasis.map((weights) => dense(x, weights, { ...first, activation: "linear" }));
      return tf.reshape(tf.stack(each), [basis.length, labels.length * units]) as Tensor2D;
    });
    return { values, labels };
  };
  const combinedWeights = (point: readonly number[]): Map<string, Tensor> => {
    const combined = (name: string) =>
      combineTensors(
        point,
        deeperBasis.map((weights) => weights.get(name) as Tensor),
      );
    const weights = deeperNames.map((name) => [name, tf.tidy(() => combined(name))] as const);
    return new Map(weights);
  };
  const logitsOf = (point: readonly number[], weights: Tensors, { values, labels }: Products): Tensor2D =>
    tf.tidy(() => {
      const { activation } = first;
      const combined = tf.fused.matMul({ a: tf.tensor2d([[...point]]), b: values, activation });
      return deeper.reduce<Tensor2D>(
        (x, layer) => dense(x, weights, layer),
        tf.reshape(combined, [labels.length, units]),
      );
    });

  const batchBytes = 4 * basis.length * units * Math.min(batchSize, data.count);
  const chunkSize = batchSize * Math.max(1, Math.floor(productBytes / batchBytes));
  const total = coefficients.length;
  let products: Products[] = [];
  try {
    for (let chunk = 0; chunk < data.count; chunk += chunkSize) {
      const end = Math.min(chunk + chunkSize, data.count);
      for (let start = chunk; start < end; start += batchSize) {
        throwIfAborted(signal);
        products.push(productsOf(batchFrom(data, start, batchSize)));
        await pacer.pause();
      }
      for (const [j, point] of coefficients.entries()) {
        const weights = combinedWeights(point);
        try {
          for (const batch of products) {
            throwIfAborted(signal);
            const logits = logitsOf(point, weights, batch);
            tallies[j].add((await logits.data()) as Float32Array, batch.labels);
            logits.dispose();
            await pacer.pause();
          }
        } finally {
          disposeTensors(weights);
        }
        progress?.(Math.floor((total * chunk + (j + 1) * (end - chunk)) / data.count), total, "points");
      }
      tf.dispose(products.map(({ values }) => values));
      products = [];
    }
  } finally {
    tf.dispose(products.map(({ values }) => values));
    for (const weights of [...firstBasis, ...deeperBasis]) disposeTensors(weights);
  }
  return tallies.map((tally) => tally.result());
}
