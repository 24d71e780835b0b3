import type { Tensor } from "@tensorflow/tfjs-core";
import type { Model } from "../../contracts/model.js";
import type { Params } from "../../contracts/params.js";
import type { Objective, Tensors } from "../../contracts/training.js";
import { crossEntropy } from "../cross-entropy.js";
import { tf } from "../engine/tf.js";
import { evaluate } from "../evaluate.js";
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

/** Loss and gradients of any network, by automatic differentiation. */
export function differentiated(model: Model): Objective["lossAndGradients"] {
  const names = trainedNames(model);
  return (trainable, batch, rng) => {
    // What is made inside the gradient's scope dies with it: kept there, and handed over to the caller's `tidy` after it.
    const kept = new Map<string, Tensor>();
    const buffer = (name: string, value: Tensor) => void kept.set(name, tf.keep(value));
    const { value: loss, grads } = tf.valueAndGrads((...weights: Tensor[]) => {
      const params: Tensors = new Map([...trainable, ...names.map((name, i) => [name, weights[i]] as const)]);
      const logits = model.apply(params, batch.images, { training: true, rng, tap: { buffer } });
      return crossEntropy(logits, batch.labels);
    })(names.map((name) => trainable.get(name) as Tensor));
    const updates = new Map([...kept].map(([name, value]) => [name, tf.clone(value)]));
    for (const value of kept.values()) value.dispose();
    return { loss, gradients: new Map(names.map((name, i) => [name, grads[i]])), updates };
  };
}
