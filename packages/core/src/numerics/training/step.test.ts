import type { Tensor } from "@tensorflow/tfjs-core";
import { afterAll, describe, expect, it } from "vitest";
import type { Model } from "../../contracts/model.js";
import type { Params } from "../../contracts/params.js";
import type { Objective } from "../../contracts/training.js";
import { wholeBatch } from "../../testing/architecture-case.js";
import { toyData, toyModel } from "../../testing/fixtures.js";
import { copyParams, largestDifference, leakedTensors } from "../../testing/measure.js";
import { useBackendOrSkip } from "../../testing/use-backend-or-skip.js";
import { BACKENDS } from "../engine/backends.js";
import { useBackend } from "../engine/engine.js";
import { disposeTensors, toTensors } from "../engine/tensors.js";
import { tf } from "../engine/tf.js";
import { initialize } from "../params.js";
import { Rng } from "../rng.js";
import { classification, differentiated } from "./classification.js";
import { trainSettings } from "./settings.js";
import { train } from "./train.js";

/** The toy network, and one of the same kind without biases. */
const withBiases = toyModel([8, 5]);
const withoutBiases: Model = {
  ...withBiases,
  parameters: withBiases.parameters.filter(({ role }) => role !== "bias"),
  stack: withBiases.stack?.map(({ kernel, activation }) => ({ kernel, activation })),
  apply: (params, images) => {
    const layers = withBiases.stack ?? [];
    return layers.reduce(
      (x, { kernel, activation }) => {
        const pre = tf.matMul(
          x as ReturnType<typeof tf.tensor2d>,
          params.get(kernel) as ReturnType<typeof tf.tensor2d>,
        );
        return activation === "relu" ? tf.relu(pre) : pre;
      },
      tf.reshape(images, [images.shape[0] as number, -1]) as Tensor,
    );
  },
};
afterAll(() => useBackend("wasm"));

const data = toyData(0, 90);
const momentum = { kind: "sgd", learningRate: 0.05, momentum: 0.9, weightDecay: 0.01 } as const;

const settings = trainSettings.parse({ epochs: 3, batchSize: 32, optimizer: momentum });

/** Training without any shortcut: automatic differentiation, and an update that the presence of hooks keeps out of place. */
const plain = (model: Model, initial: Params): Objective => ({
  initial,
  lossAndGradients: differentiated(model),
});

describe.for(BACKENDS.map(({ name }) => name))("a step of training on %s", (backend) => {
  const activate = (skip: (note?: string) => never) => useBackendOrSkip(backend, skip);
  const networks = [
    ["with", withBiases],
    ["without", withoutBiases],
  ] as const;

  it.for(networks)(
    "has the gradients of automatic differentiation, to 1e-5, %s biases",
    async ([, model], { skip }) => {
      await activate(skip);
      const params = initialize(model, Rng.seed(1));
      const weights = toTensors(params);
      tf.tidy(() => {
        const batch = wholeBatch(data.subset(Array.from({ length: 40 }, (_, i) => i)));
        const fast = classification(model, params).lossAndGradients(weights, batch, Rng.seed(0));
        const exact = differentiated(model)(weights, batch, Rng.seed(0));
        expect(Math.abs(fast.loss.dataSync()[0] - exact.loss.dataSync()[0])).toBeLessThan(1e-5);
        expect([...fast.gradients.keys()].toSorted()).toEqual([...exact.gradients.keys()].toSorted());
        for (const [name, gradient] of exact.gradients) {
          const values = (fast.gradients.get(name) as Tensor).dataSync();
          expect(largestDifference(values, gradient.dataSync()), name).toBeLessThan(1e-5);
        }
      });
      disposeTensors(weights);
    },
  );

  it.for(networks)(
    "descends as without shortcuts, to 1e-5 after 9 steps, %s biases, leaves its start alone, and leaks nothing",
    async ([, model], { skip }) => {
      await activate(skip);
      const initial = initialize(model, Rng.seed(2));
      const before = copyParams(initial);
      const fast = await train(classification(model, initial), data, settings, { rng: Rng.seed(3) });
      const slow = await train(plain(model, initial), data, settings, { rng: Rng.seed(3), hooks: {} });
      for (const [name, { data: values }] of slow.params) {
        expect(largestDifference(fast.params.get(name)?.data ?? [], values), name).toBeLessThan(1e-5);
        expect(largestDifference(values, before.get(name)?.data ?? []), name).toBeGreaterThan(1e-3);
      }
      fast.history.forEach(({ loss }, epoch) => {
        expect(Math.abs(loss - slow.history[epoch].loss)).toBeLessThan(1e-5);
      });
      expect([...initial]).toEqual([...before]);
      const again = () => train(classification(model, initial), data, settings, { rng: Rng.seed(3) });
      expect(await leakedTensors(again)).toBe(0);
    },
  );

  it("has those gradients on the way that a GPU takes, too", async ({ skip }) => {
    if (backend !== "node") skip("libtensorflow alone has such a way");
    await activate(skip);
    const device = tf.backend() as unknown as { isUsingGpuDevice: boolean };
    const params = initialize(withBiases, Rng.seed(1));
    const weights = toTensors(params);
    const gradients = () => {
      const batch = wholeBatch(data.subset(Array.from({ length: 40 }, (_, i) => i)));
      const step = classification(withBiases, params).lossAndGradients(weights, batch, Rng.seed(0));
      return [step.loss, ...step.gradients.values()].map((each) => each.dataSync());
    };
    const plainWay = tf.tidy(gradients);
    device.isUsingGpuDevice = true;
    try {
      tf.tidy(gradients).forEach((values, i) => {
        expect(largestDifference(values, plainWay[i] as Float32Array)).toBeLessThan(1e-5);
      });
    } finally {
      device.isUsingGpuDevice = false;
    }
    disposeTensors(weights);
  });

  it("descends by a learning rate that is another in every epoch", async ({ skip }) => {
    await activate(skip);
    const cosine = trainSettings.parse({
      epochs: 40,
      batchSize: 45,
      optimizer: momentum,
      schedule: { kind: "restarts", first: 40 },
    });
    const initial = initialize(withBiases, Rng.seed(2));
    const fast = await train(classification(withBiases, initial), data, cosine, { rng: Rng.seed(3) });
    const slow = await train(plain(withBiases, initial), data, cosine, { rng: Rng.seed(3), hooks: {} });
    for (const [name, { data: values }] of slow.params)
      expect(largestDifference(fast.params.get(name)?.data ?? [], values), name).toBeLessThan(1e-5);
  });

  it("never changes values that somebody else holds on to", async ({ skip }) => {
    await activate(skip);
    const initial = initialize(withBiases, Rng.seed(4));
    const held: Tensor[] = [];
    const objective = classification(withBiases, initial);
    const holding: Objective = {
      initial,
      lossAndGradients(trainable, batch, rng) {
        if (held.length === 0) for (const value of trainable.values()) held.push(tf.keep(tf.clone(value)));
        return objective.lossAndGradients(trainable, batch, rng);
      },
    };
    const free = await train(objective, data, settings, { rng: Rng.seed(5) });
    const watched = await train(holding, data, settings, { rng: Rng.seed(5) });
    [...initial.values()].forEach((value, i) => {
      expect(held[i].dataSync()).toEqual(value.data);
      held[i].dispose();
    });
    for (const [name, { data: values }] of free.params)
      expect(largestDifference(watched.params.get(name)?.data ?? [], values), name).toBeLessThan(1e-5);
  });
});
