import {
  classification,
  disposeTensors,
  engine,
  type Params,
  Rng,
  tf,
  toParams,
  toTensors,
} from "@isthmus/core";
import { copyParams, largestDifference, toyData, toyInputs, wholeBatch } from "@isthmus/core/testing";
import { expect, it } from "vitest";
import { penalized } from "./quadratic-penalty.js";

const [{ model, params }, { params: anchor }] = toyInputs(2);
const importance: Params = new Map(
  [...params].map(([name, { shape, data }], k) => [name, { shape, data: data.map((_, i) => (i % 5) + k) }]),
);

it("descends the gradient of the loss and λ Ω (θ - θ*), and tells hooks the loss's alone", async () => {
  await engine();
  const base = classification(model, params);
  const objective = penalized(base, { strength: 0.3, importance, anchor });
  const weights = toTensors(new Map([...params, ...(objective.fixed ?? [])]));
  const found = tf.tidy(() => {
    const batch = wholeBatch(toyData(0, 12));
    const step = objective.lossAndGradients(weights, batch, Rng.seed(0));
    const own = base.lossAndGradients(weights, batch, Rng.seed(0));
    const objects = [step.gradients, step.lossGradients ?? [], own.gradients].map((each) =>
      Object.fromEntries(each),
    );
    return { losses: [step.loss, own.loss], objects };
  });
  const [whole, loss, own] = await Promise.all(
    found.objects.map((each) => toParams(new Map(Object.entries(each)))),
  );
  expect(found.losses[0].dataSync()).toEqual(found.losses[1].dataSync());
  for (const [name, { data }] of own) {
    expect(loss.get(name)?.data).toEqual(data);
    const [theta, star, omega] = [params, anchor, importance].map(
      (each) => each.get(name)?.data as Float32Array,
    );
    const expected = data.map((g, i) => g + 0.3 * omega[i] * (theta[i] - star[i]));
    expect(largestDifference(whole.get(name)?.data ?? [], expected)).toBeLessThan(1e-6);
  }
  disposeTensors(weights);
  tf.dispose(found);
});

it("writes into nothing that it is given", () => {
  const before = copyParams(anchor);
  penalized(classification(model, params), { strength: 1, importance, anchor });
  expect([...anchor]).toEqual([...before]);
});
