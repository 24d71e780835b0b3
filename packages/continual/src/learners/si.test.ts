import {
  classification,
  engine,
  type LabeledData,
  type Params,
  Rng,
  tf,
  toParams,
  trainSettings,
} from "@isthmus/core";
import {
  describeLearner,
  largestDifference,
  learnToyStream,
  toyModel,
  toyStream,
  wholeBatch,
} from "@isthmus/core/testing";
import { describe, expect, it } from "vitest";
import { type SiOptions, si } from "./si.js";

describeLearner(si);
describeLearner(si, { options: { strength: 1, damping: 1e-3 } });

const RATE = 0.1;
const EPOCHS = 4;
// All images in one batch, so that their order does not matter.
const training = trainSettings.parse({
  epochs: EPOCHS,
  batchSize: 1000,
  optimizer: { kind: "sgd", learningRate: RATE },
});

/** Gradient of the mean cross-entropy of all images of `data`. */
async function gradientAt(params: Params, data: LabeledData): Promise<Params> {
  await engine();
  const gradients = tf.tidy(() => {
    const weights = new Map(
      [...params].map(([name, { shape, data: own }]) => [name, tf.tensor(own, [...shape])]),
    );
    const batch = wholeBatch(data);
    const { lossAndGradients } = classification(toyModel(), params);
    return Object.fromEntries(lossAndGradients(weights, batch, Rng.seed(0)).gradients);
  });
  const found = await toParams(new Map(Object.entries(gradients)));
  tf.dispose(gradients);
  return found;
}

const flat = (params: Params): Float64Array =>
  Float64Array.from([...params.values()].flatMap(({ data }) => [...data]));

/** θ and Ω after each task by the formulas, with plain gradient descent and the penalty c Σ Ω (θ - θ*)². */
async function byHand(initial: Params, c: number, xi: number) {
  const shaped = (values: Float64Array): Params => {
    let at = 0;
    return new Map(
      [...initial].map(([name, { shape, data }]) => {
        at += data.length;
        return [name, { shape, data: Float32Array.from(values.subarray(at - data.length, at)) }];
      }),
    );
  };
  let theta = flat(initial);
  let omegas = theta.map(() => 0);
  const states: { theta: Float64Array; omegas: Float64Array }[] = [];
  for (const { train } of toyStream()) {
    const start = theta;
    let path = theta.map(() => 0);
    for (let epoch = 0; epoch < EPOCHS; epoch++) {
      const gradient = flat(await gradientAt(shaped(theta), train));
      const next = theta.map((w, i) => w - RATE * (gradient[i] + 2 * c * omegas[i] * (w - start[i])));
      path = path.map((done, i) => done - gradient[i] * (next[i] - theta[i]));
      theta = next;
    }
    omegas = omegas.map((old, i) => Math.max(0, old + path[i] / ((theta[i] - start[i]) ** 2 + xi)));
    states.push({ theta, omegas });
  }
  return states;
}

describe("synaptic intelligence", () => {
  it("sums what each weight did along the way, and holds it back by that", async () => {
    const options = { strength: 5, damping: 0.01 } satisfies SiOptions;
    let initial: Params | undefined;
    const spy = {
      ...si,
      beforeTask: ((given, context) => {
        initial ??= context.initial;
        return si.beforeTask?.(given, context) ?? {};
      }) as typeof si.beforeTask,
    };
    const learned = await learnToyStream(spy, options, { training });
    const expected = await byHand(initial as Params, options.strength, options.damping);
    const free = await byHand(initial as Params, 0, options.damping);
    learned.forEach(({ state }, t) => {
      expect(largestDifference(flat(state.params), expected[t].theta)).toBeLessThan(1e-5);
      const omegas = flat(state.extra?.importance as Params);
      expect(largestDifference(omegas, expected[t].omegas)).toBeLessThan(
        1e-4 * Math.max(...expected[t].omegas),
      );
      expect(Math.min(...omegas)).toBeGreaterThanOrEqual(0);
    });
    // The penalty matters here: without it the weights would be others.
    expect(largestDifference(free[2].theta, expected[2].theta)).toBeGreaterThan(1e-2);
  });
});
