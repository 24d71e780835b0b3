import {
  concatenate,
  defineLearner,
  type LearnerContext,
  type LossInput,
  type Model,
  objectiveOf,
  oneHot,
  type Params,
  type Task,
  tf,
} from "@isthmus/core";
import { z } from "zod";
import { features, featuresOf } from "../memory/features.js";

const options = z.strictObject({});

/** Options of iCaRL: none. */
export type IcarlOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface LearnerOptions {
    icarl: IcarlOptions;
  }
}

const NEVER = -1e9;

/** 1 for the classes of some tasks, 0 for others: `[classes]`. */
function indicator(tasks: readonly Task[], classes: number): tf.Tensor1D {
  const own = new Set(tasks.flatMap((task) => task.classes));
  return tf.tensor1d(Array.from({ length: classes }, (_, c) => (own.has(c) ? 1 : 0)));
}

/** {@link icarl}'s loss. */
function loss(
  { model, task, seen }: Pick<LearnerContext, "model" | "task" | "seen">,
  { logits, batch, weights }: LossInput,
): tf.Scalar {
  const classes = model.spec.task.classes;
  const known = indicator(seen, classes);
  const own = indicator([task], classes);
  const truth = oneHot(batch.labels, classes);
  const teacher = new Map(
    model.parameters.map(({ name }) => [name, weights.get(`teacher/${name}`) as tf.Tensor]),
  );
  const before = () => tf.sigmoid(model.apply(teacher, batch.images, { training: false }));
  const target = task.index === 0 ? truth : tf.add(tf.mul(own, truth), tf.mul(tf.sub(known, own), before()));
  const crossEntropies = tf.sub(tf.softplus(logits), tf.mul(target, logits));
  const answers = tf.mul(tf.sum(known), batch.labels.size);
  return tf.div(tf.sum(tf.mul(known, crossEntropies)), answers) as tf.Scalar;
}

/** Mean features of each class `[classes, width]`, scaled to length 1; 0 where the memory has no image of it. */
async function classMeans({ model, memory: { data } }: LearnerContext, params: Params): Promise<Params> {
  const { width, values } = await featuresOf(model, params, data);
  const means = new Float32Array(data.classes * width);
  for (let i = 0; i < data.count; i++)
    for (let d = 0; d < width; d++) means[data.label(i) * width + d] += values[i * width + d] as number;
  for (let c = 0; c < data.classes; c++) {
    const mean = means.subarray(c * width, (c + 1) * width);
    const length = Math.hypot(...mean);
    if (length > 0) for (const d of mean.keys()) mean[d] /= length;
  }
  return new Map([["means", { shape: [data.classes, width], data: means }]]);
}

/** A network that answers with the class whose mean features are nearest: its logits are -‖φ(x) - μ‖². */
function nearestMean(model: Model, means: Params): Model {
  const { stack: _, ...rest } = model;
  const { shape, data } = means.get("means") as { shape: readonly number[]; data: Float32Array };
  return {
    ...rest,
    apply(params, images) {
      const centers = tf.tensor2d(data, shape as [number, number]);
      const lengths = tf.sum(tf.square(centers), 1);
      const found = features(model, params, images);
      const products = tf.matMul(found, centers, false, true);
      const distances = tf.add(tf.sum(tf.square(found), 1, true), tf.sub(lengths, tf.mul(2, products)));
      const unknown = tf.cast(tf.equal(lengths, 0), "float32");
      return tf.sub(tf.mul(unknown, NEVER), distances);
    },
  };
}

/**
 * iCaRL (Rebuffi et al. 2017, arXiv 1611.07725). A network with a sigmoid for each class is trained on the task's images and those
 * of the memory together; with s the sigmoid of a logit now, q that of the network before the task, C the classes so far, and y the
 * label,
 *
 *     L = 1/(|B| |C|) Σ over B and C of BCE(s_c, t_c),     t_c = [c = y] for c in the task, q_c for earlier classes.
 *
 * (The paper sums over the classes; the published code takes their mean.) The answer is the class whose kept images have the nearest
 * mean features, all features and means having length 1. The paper's memory is `policy: herding`, in total. A recipe's mask does
 * not touch the training.
 */
export const icarl = defineLearner({
  name: "icarl",
  title: "iCaRL",
  description:
    "Distills the network before the task, and answers with the class whose kept images are nearest.",
  paper: {
    title: "Rebuffi et al. 2017, iCaRL: Incremental Classifier and Representation Learning",
    url: "https://arxiv.org/abs/1611.07725",
  },
  options,
  needs: () => ({ memory: true }),
  beforeTask(_options, context) {
    const { state, task, seen, memory } = context;
    const model = context.model.unmasked ?? context.model;
    const teacher = new Map([...state.params].map(([name, value]) => [`teacher/${name}`, value]));
    return {
      objective: objectiveOf(model, state.params, (input) => loss({ model, task, seen }, input), teacher),
      data: memory.data.count === 0 ? task.train : concatenate([task.train, memory.data]),
    };
  },
  afterTask: async (_options, context) => ({
    params: context.trained.params,
    extra: { icarl: await classMeans(context, context.trained.params) },
  }),
  readout: (_options, model, { extra }) => nearestMean(model, extra?.icarl as Params),
});
