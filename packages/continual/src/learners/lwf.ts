import {
  type ArrayValue,
  crossEntropy,
  defineLearner,
  type LearnerContext,
  type Model,
  objectiveOf,
  type Tensors,
  tf,
} from "@isthmus/core";
import { z } from "zod";
import { distillation } from "../regularizers/distillation.js";

const options = z.strictObject({
  alpha: z.number().min(0).default(1).describe("weight of distillation beside the loss of the task"),
  temperature: z
    .number()
    .positive()
    .default(2)
    .describe("T, by which logits are divided before their softmax is compared"),
});

/** Options of learning without forgetting, resolved. */
export type LwfOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface LearnerOptions {
    lwf: LwfOptions;
  }
}

/** Classes among which answers of earlier tasks are told apart, by the network that answers so. */
function earlierClasses({ seen, modelOf }: LearnerContext): ReadonlyMap<Model, readonly number[]> {
  const groups = new Map<Model, readonly number[]>();
  for (const task of seen.slice(0, -1)) {
    const model = modelOf(task);
    groups.set(model, [...new Set([...(groups.get(model) ?? []), ...task.classes])]);
  }
  return groups;
}

/**
 * Learning without forgetting (Li & Hoiem 2016, arXiv 1606.09282): on the images of the new task, the network keeps the answers it
 * gave after the task before. With z its logits and z₀ those of the network after the task before:
 *
 *     loss = cross-entropy(z, y) - α Σ_c softmax(z₀/T)_c log softmax(z/T)_c
 *
 * where c runs over the classes of all earlier tasks; those to come and those that are new are left out. Where a task's answers are
 * masked to its own classes, each earlier task has such a term of its own, as the heads of the paper have. The term is not
 * multiplied by T². The paper first trains a new head alone, which it does not find crucial: that is left out.
 */
export const lwf = defineLearner({
  name: "lwf",
  title: "Learning without forgetting",
  description:
    "Keeps the answers that the network gave after the task before, on the images of the new task.",
  paper: {
    title: "Li & Hoiem 2016, Learning without Forgetting",
    url: "https://arxiv.org/abs/1606.09282",
  },
  options,
  beforeTask({ alpha, temperature }, context) {
    const { model, state, task, objective } = context;
    if (task.index === 0) return { objective: objective(state.params) };
    const groups = earlierClasses(context);
    const names = [...state.params.keys()];
    const fixed = new Map(names.map((name) => [`teacher/${name}`, state.params.get(name) as ArrayValue]));
    const teacherOf = (weights: Tensors): Tensors =>
      new Map(names.map((name) => [name, weights.get(`teacher/${name}`) as tf.Tensor]));
    return {
      objective: objectiveOf(
        model,
        state.params,
        ({ logits, batch, weights, rng }) => {
          const teacher = teacherOf(weights);
          const terms = [...groups].map(([answering, classes]) => {
            const own =
              answering === model ? logits : answering.apply(weights, batch.images, { training: true, rng });
            const kept = answering.apply(teacher, batch.images, { training: false });
            return distillation(own, kept, classes, temperature);
          });
          return tf.add(crossEntropy(logits, batch.labels), tf.mul(tf.addN(terms), alpha)) as tf.Scalar;
        },
        fixed,
      ),
    };
  },
});
