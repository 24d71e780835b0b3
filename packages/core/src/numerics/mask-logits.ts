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
  const unmasked = model.unmasked ?? model;
  const answers = classes.filter((c) => model.answers?.includes(c) ?? true);
  const mask = logitMask({ ...unmasked, answers });
  return {
    ...rest,
    unmasked,
    answers,
    apply: (params, images, context) =>
      tf.add(unmasked.apply(params, images, context), tf.tensor1d([...mask])),
  };
}

/** What a masked network adds to the logits `[classes]` of the one that it masks; zeros where it masks none. */
export function logitMask({ answers, spec }: Pick<Model, "answers" | "spec">): readonly number[] {
  return Array.from({ length: spec.task.classes }, (_, c) => ((answers?.includes(c) ?? true) ? 0 : NEVER));
}
