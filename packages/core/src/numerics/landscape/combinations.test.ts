import { beforeAll, describe, expect, it } from "vitest";
import type { LabeledData } from "../../contracts/labeled-data.js";
import type { DenseLayer, Model } from "../../contracts/model.js";
import type { Params } from "../../contracts/params.js";
import { toyData, toyInputs } from "../../testing/fixtures.js";
import { leakedTensors } from "../../testing/measure.js";
import { stackLogits } from "../../testing/stack-logits.js";
import { toyNormModel } from "../../testing/toy-norm.js";
import { useBackend } from "../engine/engine.js";
import { tf } from "../engine/tf.js";
import { evaluate } from "../evaluate.js";
import { initialize, linearCombination } from "../params.js";
import { Rng } from "../rng.js";
import { reestimateStatistics } from "../statistics/reestimate.js";
import { evaluateCombinations } from "./combinations.js";
import { evaluateStackCombinations } from "./stack-combinations.js";

/** The toy network without its biases: parameters, description and function. */
function withoutBias(model: Model): Model {
  const stack = (model.stack ?? []).map(({ kernel, activation }): DenseLayer => ({ kernel, activation }));
  return {
    ...model,
    parameters: model.parameters.filter(({ role }) => role !== "bias"),
    stack,
    apply(params, images) {
      const all = new Map(params);
      for (const { name, shape } of model.parameters) if (!all.has(name)) all.set(name, tf.zeros([...shape]));
      return model.apply(all, images, { training: false });
    },
  };
}

/** Loss and accuracy by definition, in double precision. */
function definition(stack: readonly DenseLayer[], params: Params, data: LabeledData) {
  const { images, labels } = data.batch([...Array(data.count).keys()]);
  const logits = stackLogits(stack, params, images);
  let loss = 0;
  let right = 0;
  labels.forEach((label, i) => {
    const row = [...logits.subarray(3 * i, 3 * i + 3)];
    loss += Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[label];
    if (row.indexOf(Math.max(...row)) === label) right++;
  });
  return { loss: loss / data.count, accuracy: right / data.count };
}

const points = [
  [1, 0, 0],
  [0, 1, 0],
  [0.2, 0.3, 0.5],
  [1.4, -0.9, 0.5],
  [-2, 1.5, 1.2],
];

describe.each(["wasm", "cpu"])("evaluating combinations of networks on %s", (backend) => {
  beforeAll(async () => {
    await useBackend(backend);
  });
  const data = toyData(3, 61);
  const inputs = toyInputs(3, 5);
  const basis = inputs.map(({ params }) => params);
  const [{ model }] = inputs;
  const bare = withoutBias(model);
  const kernels = basis.map(
    (params): Params => new Map([...params].filter(([name]) => name.startsWith("kernel"))),
  );
  const linear = toyInputs(3, 6, []);

  it.each([
    ["with biases", model, basis],
    ["without biases", bare, kernels],
    ["of one layer", linear[0].model, linear.map(({ params }) => params)],
  ] as const)("agrees with the definition and with the general way, %s", async (_, stacked, networks) => {
    const fast = await evaluateCombinations(stacked, networks, points, data, { batchSize: 17 });
    const general = await evaluateCombinations({ ...stacked, stack: undefined }, networks, points, data);
    expect(fast).toHaveLength(points.length);
    for (const [j, point] of points.entries()) {
      const params = linearCombination(point, networks);
      const { loss, accuracy } = definition(stacked.stack ?? [], params, data);
      const alone = await evaluate(stacked, params, data);
      for (const found of [fast[j], general[j]]) {
        expect(Math.abs(found.loss - loss)).toBeLessThan(1e-5);
        expect(found.accuracy).toBeCloseTo(accuracy, 12);
        expect(found.confusion).toEqual(alone.confusion);
        expect(found.perClass).toEqual(alone.perClass);
        expect(found.count).toBe(61);
      }
    }
  });

  it("is the same however few products fit", async () => {
    const stack = model.stack ?? [];
    const whole = await evaluateCombinations(model, basis, points, data);
    for (const productBytes of [1, 4 * 3 * 8 * 40]) {
      const seen: number[] = [];
      const parts = await evaluateStackCombinations(stack, basis, points, data, {
        batchSize: 20,
        productBytes,
        progress: (done) => void seen.push(done),
      });
      parts.forEach((part, j) => {
        expect(part.loss).toBeCloseTo(whole[j].loss, 5);
        expect({ ...part, loss: 0 }).toEqual({ ...whole[j], loss: 0 });
      });
      expect(seen.at(-1)).toBe(5);
      expect(seen).toEqual(seen.toSorted((x, y) => x - y));
      expect(seen.length).toBeGreaterThan(points.length);
    }
  });

  it("does not look beyond the points that are asked for, nor at how many there are", async () => {
    const all = await evaluateCombinations(model, basis, points, data);
    const [first] = await evaluateCombinations(model, basis, points.slice(0, 1), data);
    expect(first.loss).toBeCloseTo(all[0].loss, 5);
    expect(await evaluateCombinations(model, basis, [], data)).toEqual([]);
  });

  it("counts points", async () => {
    for (const each of [model, { ...model, stack: undefined }]) {
      const seen: unknown[][] = [];
      await evaluateCombinations(each, basis, points, data, { progress: (...all) => void seen.push(all) });
      expect(seen).toEqual(points.map((_, j) => [j + 1, 5, "points"]));
    }
  });

  it("leaves no tensor behind, also when it is stopped in between", async () => {
    expect(
      await leakedTensors(() => evaluateCombinations(model, basis, points, data, { batchSize: 20 })),
    ).toBe(0);
    const stopped = async () => {
      const controller = new AbortController();
      const run = evaluateCombinations(model, basis, points, data, {
        batchSize: 20,
        signal: controller.signal,
        progress: (done) => done === 2 && controller.abort(),
      });
      await expect(run).rejects.toMatchObject({ code: "run/aborted" });
    };
    expect(await leakedTensors(stopped)).toBe(0);
  });

  it("estimates the running statistics of every network where it is given images for them", async () => {
    const normalized = toyNormModel();
    const networks = [0, 1, 2].map((seed) => initialize(normalized, Rng.seed(seed)));
    const statisticsFrom = toyData(4, 50);
    const found = await evaluateCombinations(normalized, networks, points, data, { statisticsFrom });
    const plain = await evaluateCombinations(normalized, networks, points, data);
    for (const [j, point] of points.entries()) {
      const params = linearCombination(point, networks);
      const estimated = await reestimateStatistics({ model: normalized, params }, statisticsFrom);
      expect(found[j]).toEqual(await evaluate(normalized, estimated, data));
      expect(plain[j]).toEqual(await evaluate(normalized, params, data));
      expect(found[j].loss).not.toBe(plain[j].loss);
    }
    const withImages = await evaluateCombinations(model, basis, points, data, { statisticsFrom });
    expect(withImages).toEqual(await evaluateCombinations(model, basis, points, data));
  });

  it("refuses other weights, other data and another number of coefficients", async () => {
    const [wider] = toyInputs(1, 0, [9, 5]);
    await expect(evaluateCombinations(model, [basis[0], wider.params], [[1, 0]], data)).rejects.toMatchObject(
      {
        code: "params/mismatch",
      },
    );
    await expect(evaluateCombinations(model, basis, [[1, 0]], data)).rejects.toThrow(
      "Point 0 has 2 coefficients",
    );
    await expect(evaluateCombinations(model, basis, points, data.subset([]))).rejects.toThrow("no images");
    const other = { ...model, spec: { ...model.spec, task: { ...model.spec.task, classes: 5 } } };
    await expect(evaluateCombinations(other, basis, points, data)).rejects.toMatchObject({
      code: "data/shape",
    });
  });
});
