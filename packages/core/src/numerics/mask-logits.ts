import type { Model } from "../contracts/model.js";
import { tf } from "./engine/tf.js";

/** What is added to the logit of an answer that is not allowed: its probability is 0 in single precision, and 0 times it is 0. */
const NEVER = -1e9;

/**
 * The same network, allowed to answer with some classes only: the other logits fall by 10⁹, so that their probabilities and
 * gradients are 0. What is told apart within a task that is known (task-incremental learning).
 *
 * @example
 * const { accuracy } = await evaluate(maskLogits(model, task.classes), params, task.test);
 */
export function maskLogits(model: Model, classes: readonly number[]): Model {
  const { stack: _, ...rest } = model;
  const mask = Array.from({ length: model.spec.task.classes }, (_, c) => (classes.includes(c) ? 0 : NEVER));
  return {
    ...rest,
    unmasked: model.unmasked ?? model,
    apply: (params, images, context) => tf.add(model.apply(params, images, context), tf.tensor1d(mask)),
  };
}
