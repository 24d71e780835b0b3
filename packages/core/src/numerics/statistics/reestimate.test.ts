import { beforeAll, describe, expect, it } from "vitest";
import type { LabeledData } from "../../contracts/labeled-data.js";
import type { ArrayValue, Params } from "../../contracts/params.js";
import { toyData, toyInputs } from "../../testing/fixtures.js";
import { copyParams, largestDifference, leakedTensors, logitsOf } from "../../testing/measure.js";
import { toyNormModel } from "../../testing/toy-norm.js";
import { useBackend } from "../engine/engine.js";
import { initialize, sameBits } from "../params.js";
import { Rng } from "../rng.js";
import { evenBatches } from "./even-batches.js";
import { reestimateStatistics } from "./reestimate.js";

const model = toyNormModel([8, 5]);
const fresh = initialize(model, Rng.seed(3));
/** Fresh weights with scales and biases of their own, and running statistics that fit nothing. */
const params: Params = new Map(
  [...fresh].map(([name, { shape, data }]) => {
    const noise = Rng.seed(4).fork(name).uniforms(data.length, 0.5, 2);
    return [name, { shape, data: name.startsWith("norm") ? noise : data }];
  }),
);
const data = toyData(5, 61);
const values = (own: Params, name: string) => (own.get(name) as ArrayValue).data;

/** Mean and unbiased variance of every layer's units in one batch, by definition and in double precision. */
function definition(indices: ArrayLike<number>): Record<string, number[]> {
  const found: Record<string, number[]> = {};
  const { images } = data.batch(indices);
  const count = indices.length;
  let x = Array.from({ length: count }, (_, i) => [...images.subarray(36 * i, 36 * (i + 1))]);
  for (const l of [0, 1]) {
    const kernel = values(params, `kernel${l}`);
    const units = l === 0 ? 8 : 5;
    const columns = Array.from({ length: units }, (_, u) =>
      x.map((row) => row.reduce((sum, value, i) => sum + value * kernel[i * units + u], 0)),
    );
    const means = columns.map((column) => column.reduce((a, b) => a + b, 0) / count);
    const squares = columns.map((column, u) =>
      column.reduce((sum, value) => sum + (value - means[u]) ** 2, 0),
    );
    found[`norm${l}.mean`] = means;
    found[`norm${l}.variance`] = squares.map((sum) => sum / (count - 1));
    const [scale, bias] = [values(params, `norm${l}.scale`), values(params, `norm${l}.bias`)];
    x = x.map((_, i) =>
      columns.map((column, u) =>
        Math.max(0, ((column[i] - means[u]) / Math.sqrt(squares[u] / count + 1e-5)) * scale[u] + bias[u]),
      ),
    );
  }
  return found;
}

const estimate = (images: LabeledData = data, batchSize?: number) =>
  reestimateStatistics({ model, params }, images, { batchSize });

describe.each(["wasm", "cpu"])("estimating running statistics on %s", (backend) => {
  beforeAll(async () => {
    await useBackend(backend);
  });

  it("gives mean and unbiased variance of all images where they are one batch", async () => {
    const found = await estimate();
    for (const [name, expected] of Object.entries(definition([...Array(61).keys()]))) {
      expect(largestDifference(values(found, name), expected), name).toBeLessThan(1e-5);
    }
  });

  it("gives the mean of the batches', weighted by their sizes, where there are several", async () => {
    const found = await estimate(data, 16);
    const batches = evenBatches(61, 16);
    expect(new Set(batches.map(({ length }) => length)).size).toBe(2);
    const each = batches.map((indices) => ({ share: indices.length / 61, statistics: definition(indices) }));
    for (const name of ["norm0.mean", "norm0.variance", "norm1.mean", "norm1.variance"]) {
      const expected = each[0].statistics[name].map((_, u) =>
        each.reduce((sum, { share, statistics }) => sum + share * statistics[name][u], 0),
      );
      expect(largestDifference(values(found, name), expected), name).toBeLessThan(1e-5);
    }
  });

  it("leaves everything else, and its input, as they are", async () => {
    const copy = copyParams(params);
    const found = await estimate();
    expect(sameBits(params, copy)).toBe(true);
    expect([...found.keys()]).toEqual([...params.keys()]);
    const trained = (own: Params) => new Map([...own].filter(([name]) => !/mean|variance/.test(name)));
    expect(sameBits(trained(found), trained(params))).toBe(true);
  });

  it("gives the same bits again, whatever the statistics were", async () => {
    const found = await estimate(data, 16);
    const again = await reestimateStatistics({ model, params: found }, data, { batchSize: 16 });
    expect(sameBits(again, found)).toBe(true);
  });

  it("leaves no tensor behind, also when it is stopped in between", async () => {
    expect(await leakedTensors(() => estimate(data, 16))).toBe(0);
    const stopped = async () => {
      const controller = new AbortController();
      const run = reestimateStatistics({ model, params }, data, {
        batchSize: 16,
        signal: controller.signal,
        progress: (done) => done > 20 && controller.abort(),
      });
      await expect(run).rejects.toMatchObject({ code: "run/aborted" });
    };
    expect(await leakedTensors(stopped)).toBe(0);
  });
});

it("gives a network without running statistics back, without looking at an image", async () => {
  const [plain] = toyInputs(1);
  expect(await reestimateStatistics(plain, data.subset([]))).toBe(plain.params);
});

it("makes a network answer as it does while training", async () => {
  const plenty = toyData(6, 900);
  const found = await reestimateStatistics({ model, params }, plenty, { batchSize: 900 });
  const [own, stale] = [await logitsOf(model, found, plenty), await logitsOf(model, params, plenty)];
  const training: typeof model = {
    ...model,
    apply: (weights, images, context) => model.apply(weights, images, { ...context, estimating: true }),
  };
  const expected = await logitsOf(training, params, plenty);
  // The variance of training is biased, the running one is not: 1 part in 900.
  expect(largestDifference(own, expected)).toBeLessThan(0.01);
  expect(largestDifference(stale, expected)).toBeGreaterThan(0.5);
});

it("refuses weights of another network, and no images", async () => {
  const [{ params: other }] = toyInputs(1);
  await expect(reestimateStatistics({ model, params: other }, data)).rejects.toMatchObject({
    code: "params/mismatch",
  });
  await expect(estimate(data.subset([]))).rejects.toThrow("no images");
});
