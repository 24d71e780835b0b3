import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import type { Model } from "../../contracts/model.js";
import type { Params } from "../../contracts/params.js";
import type { Objective, TensorBatch, Tensors } from "../../contracts/training.js";
import { crossEntropy } from "../cross-entropy.js";
import { tf } from "../engine/tf.js";
import { evaluate } from "../evaluate.js";
import type { Rng } from "../rng.js";
import { denseStackGradients } from "./dense-stack.js";

/** Names of a model's parameters that are trained: all but its buffers. */
export function trainedNames(model: Model): readonly string[] {
  return model.parameters.filter(({ role }) => role !== "buffer").map(({ name }) => name);
}

/**
 * Training a network to classify: mean cross-entropy of a batch. Gradients are those of {@link denseStackGradients} where the
 * network is a stack of dense layers, and come from automatic differentiation otherwise.
 */
export function classification(model: Model, initial: Params): Objective {
  const { stack } = model;
  const shared: Pick<Objective, "initial" | "evaluate"> = {
    initial,
    evaluate: (trainable, data) => evaluate(model, trainable, data),
  };
  if (stack === undefined) return { ...shared, lossAndGradients: differentiated(model) };
  const lossAndGradients: Objective["lossAndGradients"] = (trainable, batch) =>
    denseStackGradients(stack, trainable, batch);
  return { ...shared, stack, keepsNoBatch: true, lossAndGradients };
}

/** What a loss is computed from. */
export interface LossInput {
  /** `[batch, classes]` */
  readonly logits: Tensor;
  readonly batch: TensorBatch;
  /** The network's weights, with the objective's `fixed` values. */
  readonly weights: Tensors;
  /** This step's own stream. */
  readonly rng: Rng;
}

/**
 * Training a network by a loss of one's own, which must be differentiable; gradients come from automatic differentiation.
 *
 * @param fixed values that the loss reads among the weights and nobody trains, under names of their own
 *
 * @example
 * // Distillation: follow the logits of a teacher, whose weights are `fixed` as `teacher/<name>`.
 * objectiveOf(model, params, ({ logits, batch, weights }) => {
 *   const teacher = new Map(trainedNames(model).map((name) => [name, weights.get(`teacher/${name}`)!]));
 *   const target = model.apply(teacher, batch.images, { training: false });
 *   return tf.add(crossEntropy(logits, batch.labels), tf.mean(tf.squaredDifference(logits, target)));
 * }, fixed);
 */
export function objectiveOf(
  model: Model,
  initial: Params,
  loss: (input: LossInput) => Scalar,
  fixed?: Params,
): Objective {
  return {
    initial,
    ...(fixed === undefined ? {} : { fixed }),
    evaluate: (trainable, data) => evaluate(model, trainable, data),
    lossAndGradients: differentiated(model, loss),
  };
}

/**
 * Training as `base` does but with other losses and gradients, which may be made from its own. The shortcuts that hold for `base`
 * alone are dropped; spreading it would keep them.
 *
 * @param fixed values that `lossAndGradients` reads and nobody trains, under names of their own
 */
export function derivedObjective(
  { initial, evaluate }: Objective,
  lossAndGradients: Objective["lossAndGradients"],
  fixed?: Params,
): Objective {
  return {
    initial,
    lossAndGradients,
    ...(evaluate === undefined ? {} : { evaluate }),
    ...(fixed === undefined ? {} : { fixed }),
  };
}

/** Loss and gradients of any network, by automatic differentiation. */
export function differentiated(
  model: Model,
  loss: (input: LossInput) => Scalar = ({ logits, batch }) => crossEntropy(logits, batch.labels),
): Objective["lossAndGradients"] {
  const names = trainedNames(model);
  return (trainable, batch, rng) => {
    // What is made inside the gradient's scope dies with it: kept there, and handed over to the caller's `tidy` after it.
    const kept = new Map<string, Tensor>();
    const buffer = (name: string, value: Tensor) => void kept.set(name, tf.keep(value));
    const { value, grads } = tf.valueAndGrads((...weights: Tensor[]) => {
      const params: Tensors = new Map([...trainable, ...names.map((name, i) => [name, weights[i]] as const)]);
      const logits = model.apply(params, batch.images, { training: true, rng, tap: { buffer } });
      return loss({ logits, batch, weights: params, rng });
    })(names.map((name) => trainable.get(name) as Tensor));
    const updates = new Map([...kept].map(([name, buffer]) => [name, tf.clone(buffer)]));
    for (const buffer of kept.values()) buffer.dispose();
    return { loss: value, gradients: new Map(names.map((name, i) => [name, grads[i]])), updates };
  };
}
