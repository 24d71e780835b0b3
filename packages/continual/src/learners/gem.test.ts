import {
  classification,
  disposeTensors,
  engine,
  type LearnerContext,
  type Model,
  maskLogits,
  type Objective,
  type Params,
  Rng,
  tf,
  toParams,
  toTensors,
} from "@isthmus/core";
import { describeLearner, learnToyStream, toyModel, toyStream, wholeBatch } from "@isthmus/core/testing";
import { describe, expect, it } from "vitest";
import { agem } from "./agem.js";
import { gem } from "./gem.js";

describeLearner(gem, { learns: 0.5 });
describeLearner(agem, { options: { sampleSize: 6 }, learns: 0.5 });

const MEMORY = 5;
const model = toyModel();
const stream = toyStream();

/** What the learner asks to be trained at the third task, and the weights before it. */
async function third(learner: typeof gem | typeof agem, options: object, masked = false) {
  const found: { objective: Objective; context: LearnerContext }[] = [];
  const spy = {
    ...learner,
    beforeTask(given: never, context: LearnerContext) {
      const training = learner.beforeTask?.(given, context) as { objective: Objective };
      found.push({ objective: training.objective, context });
      return training;
    },
  };
  await learnToyStream(spy as typeof gem, options as never, { memory: MEMORY, masked });
  return found[2];
}

const flat = async (
  objective: Objective,
  params: Params,
  task: number,
  rows: number[],
): Promise<Float64Array> => {
  await engine();
  const weights = toTensors(params);
  const step = tf.tidy(() => {
    const batch = wholeBatch(stream[task].train.subset(rows));
    return Object.fromEntries(objective.lossAndGradients(weights, batch, Rng.seed(3)).gradients);
  });
  const gradients = await toParams(new Map(Object.entries(step)));
  disposeTensors(weights);
  tf.dispose(step);
  return Float64Array.from([...gradients.values()].flatMap(({ data }) => [...data]));
};

const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, each, i) => sum + each * b[i], 0);
const kept = Array.from({ length: MEMORY }, (_, i) => i);

/** Gradients on a batch of the third task, and on what is kept of the first and the second, each by automatic differentiation. */
async function gradients(params: Params, batch: number[], answers: (task: number) => Model) {
  const of = (task: number, rows: number[]) => {
    const { stack: _, ...rest } = answers(task);
    return flat(classification(rest, params), params, task, rows);
  };
  return { g: await of(2, batch), references: [await of(0, kept), await of(1, kept)] };
}

describe.each([false, true])("gradient episodic memory, masked: %s", (masked) => {
  const answers = (task: number) => (masked ? maskLogits(model, stream[task].classes) : model);

  it("takes the nearest gradient that opposes no earlier task's, by trying all active sets", async () => {
    const { objective, context } = await third(gem, { margin: 0 }, masked);
    const { params } = context.state;
    let bent = 0;
    for (let from = 0; from < 40; from += 4) {
      const batch = [from, from + 1, from + 2, from + 3];
      const { g, references } = await gradients(params, batch, answers);
      const [a, b] = references;
      const along = (v: number[]) => g.map((each, i) => each + v[0] * a[i] + v[1] * b[i]);
      const [aa, ab, bb, ga, gb] = [dot(a, a), dot(a, b), dot(b, b), dot(g, a), dot(g, b)];
      const determinant = aa * bb - ab * ab;
      const candidates = [
        [0, 0],
        [-ga / aa, 0],
        [0, -gb / bb],
        [(ab * gb - bb * ga) / determinant, (ab * ga - aa * gb) / determinant],
      ].filter((v) => v.every((each) => each >= 0));
      const feasible = candidates.map(along).filter((x) => dot(x, a) >= -1e-9 && dot(x, b) >= -1e-9);
      const distance = (x: Float64Array) =>
        Math.sqrt(x.reduce((sum, each, i) => sum + (each - g[i]) ** 2, 0));
      const [nearest] = feasible.sort((x, y) => distance(x) - distance(y));
      const found = await flat(objective, params, 2, batch);
      expect(Math.sqrt(found.reduce((sum, each, i) => sum + (each - nearest[i]) ** 2, 0))).toBeLessThan(
        1e-3 * Math.sqrt(dot(g, g)),
      );
      if (distance(nearest) > 0) bent++;
    }
    expect(bent).toBeGreaterThan(0);
  });
});

describe("averaged gradient episodic memory", () => {
  it.each([false, true])("takes away what opposes the mean of the memory, masked: %s", async (masked) => {
    const answers = (task: number) => (masked ? maskLogits(model, stream[task].classes) : model);
    // A sample as large as the memory is the memory.
    const { objective, context } = await third(agem, { sampleSize: 2 * MEMORY }, masked);
    const { params } = context.state;
    let opposed = 0;
    for (let image = 0; image < 60; image++) {
      const batch = [image];
      const { g, references } = await gradients(params, batch, answers);
      const r = references[0].map((each, i) => (each + references[1][i]) / 2);
      const share = Math.min(0, dot(g, r)) / dot(r, r);
      const expected = g.map((each, i) => each - share * r[i]);
      const found = await flat(objective, params, 2, batch);
      const error = Math.sqrt(found.reduce((sum, each, i) => sum + (each - expected[i]) ** 2, 0));
      expect(error).toBeLessThan(1e-3 * Math.sqrt(dot(g, g)));
      if (share < 0) opposed++;
    }
    expect(opposed).toBeGreaterThan(0);
  });

  it("draws another sample for every update", async () => {
    const { objective, context } = await third(agem, { sampleSize: 1 });
    const at = async (seed: number) => {
      const spy: Objective = {
        ...objective,
        lossAndGradients: (weights, batch) => objective.lossAndGradients(weights, batch, Rng.seed(seed)),
      };
      return [...(await flat(spy, context.state.params, 2, [0, 1, 2, 3]))].join();
    };
    const found = await Promise.all(Array.from({ length: 8 }, (_, seed) => at(seed)));
    expect(new Set(found).size).toBeGreaterThan(1);
  });
});
