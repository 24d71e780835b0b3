import {
  disposeTensors,
  engine,
  type LearnerContext,
  type Objective,
  type Params,
  Rng,
  sameBits,
  tf,
  toParams,
  toTensors,
} from "@isthmus/core";
import {
  describeLearner,
  largestDifference,
  learnToyStream,
  stackLogits,
  toyModel,
  toyStream,
  wholeBatch,
} from "@isthmus/core/testing";
import { describe, expect, it } from "vitest";
import { type LwfOptions, lwf } from "./lwf.js";
import { naive } from "./naive.js";

// What it learned before holds it back: it learns the new a little.
describeLearner(lwf, { learns: 0.5 });
describeLearner(lwf, { options: { alpha: 0.5, temperature: 1 }, learns: 0.5 });

const options: LwfOptions = { alpha: 0.7, temperature: 2 };
const model = toyModel();
const { stack = [] } = model;

/** What the learner asks to be trained at each task. */
async function asked(masked: boolean) {
  const found: { objective: Objective; context: LearnerContext }[] = [];
  const spy: typeof lwf = {
    ...lwf,
    beforeTask(given, context) {
      const training = lwf.beforeTask?.(given, context) as { objective: Objective };
      found.push({ objective: training.objective, context });
      return training;
    },
  };
  const learned = await learnToyStream(spy, options, { masked });
  return { found, learned };
}

const logSoftmax = (row: number[]) => {
  const total = Math.log(row.reduce((sum, each) => sum + Math.exp(each), 0));
  return row.map((each) => each - total);
};

/** Mean over images of the loss by its formula, in double precision; `groups` are told apart among themselves. */
function loss(
  params: Params,
  teacher: Params,
  images: Float32Array,
  labels: Int32Array,
  answers: number[],
  groups: number[][],
) {
  const [own, kept] = [params, teacher].map((each) => stackLogits(stack, each, images));
  const row = (logits: Float64Array, i: number, classes: number[], temperature: number) =>
    logSoftmax(classes.map((c) => logits[3 * i + c] / temperature));
  return labels.reduce((sum, label, i) => {
    const entropy = -row(own, i, answers, 1)[answers.indexOf(label)];
    const distilled = groups.map((classes) => {
      const p = row(kept, i, classes, options.temperature).map(Math.exp);
      const q = row(own, i, classes, options.temperature);
      return -p.reduce((part, each, c) => part + each * q[c], 0);
    });
    return sum + (entropy + options.alpha * distilled.reduce((a, b) => a + b, 0)) / labels.length;
  }, 0);
}

describe("learning without forgetting", () => {
  // Tasks are 0 or 1, 0 or 2, 1 or 2. Masked to their own answers, each has a head; else there is one for all.
  it.each([
    { masked: false, answers: [0, 1, 2], groups: [[0, 1, 2]] },
    {
      masked: true,
      answers: [1, 2],
      groups: [
        [0, 1],
        [0, 2],
      ],
    },
  ])("descends its formula at the third task, masked: $masked", async ({ masked, answers, groups }) => {
    await engine();
    const { found, learned } = await asked(masked);
    const teacher = learned[1].state.params;
    const at = learned[0].state.params; // anywhere but at the teacher
    const { objective } = found[2];
    const first = toyStream()[2].train.subset([0, 1, 2, 3, 4, 5, 6, 7]);
    const { images, labels } = first.batch([0, 1, 2, 3, 4, 5, 6, 7]);
    const weights = toTensors(new Map([...at, ...(objective.fixed ?? [])]));
    const step = tf.tidy(() => {
      const batch = wholeBatch(first);
      const { loss: value, gradients } = objective.lossAndGradients(weights, batch, Rng.seed(0));
      return { loss: value, gradients: Object.fromEntries(gradients) };
    });
    const of = (params: Params) => loss(params, teacher, images, labels, answers, groups);
    expect(step.loss.dataSync()[0]).toBeCloseTo(of(at), 4);
    const gradients = await toParams(new Map(Object.entries(step.gradients)));
    for (const [name, { shape, data }] of at) {
      const slopes = data.map((value, i) => {
        const sides = [value - 1e-4, value + 1e-4].map((to) => data.with(i, to));
        const [low, high] = sides.map((side) => of(new Map([...at, [name, { shape, data: side }]])));
        return (high - low) / (sides[1][i] - sides[0][i]);
      });
      expect(largestDifference(gradients.get(name)?.data ?? [], slopes)).toBeLessThan(1e-4);
    }
    tf.dispose(step);
    disposeTensors(weights);
  });

  it("distills nothing at the first task", async () => {
    const [plain] = await learnToyStream(naive, {});
    const learned = await learnToyStream(lwf, options);
    expect(sameBits(learned[0].state.params, plain.state.params)).toBe(true);
  });
});
