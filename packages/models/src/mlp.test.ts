import { type ArrayValue, disposeTensors, initialize, Rng, tf, toTensors, useBackend } from "@isthmus/core";
import { describeArchitecture } from "@isthmus/core/testing";
import { expect, it } from "vitest";
import { mlp } from "./mlp.js";

describeArchitecture(mlp, { options: { hidden: [12, 7] } });
describeArchitecture(mlp, { options: { hidden: [9], bias: true, dropout: 0.3 } });
describeArchitecture(mlp, { options: { hidden: [9], bias: true } });
describeArchitecture(mlp, { options: { hidden: [] } });

const initializer = "fan-in" as const;
const task = { inputShape: [28, 28, 1], classes: 10 };

it("has the published sizes: 784·400 + 400·200 + 200·100 + 100·10 weights without bias", () => {
  const model = mlp.build({ hidden: [400, 200, 100], bias: false, dropout: 0, initializer }, task);
  const size = model.parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  expect(size).toBe(414_600);
});

it("is a stack of dense layers unless it drops activations", () => {
  const build = (dropout: number) => mlp.build({ hidden: [4], bias: true, dropout, initializer }, task);
  expect(build(0).stack).toEqual([
    { kernel: "layers.0.kernel", bias: "layers.0.bias", activation: "relu" },
    { kernel: "layers.1.kernel", bias: "layers.1.bias", activation: "linear" },
  ]);
  expect(build(0.1).stack).toBeUndefined();
});

it("starts uniform on ±1/√inputs", () => {
  const model = mlp.build({ hidden: [400, 200, 100], bias: false, dropout: 0, initializer }, task);
  const { data } = initialize(model, Rng.seed(0)).get("layers.0.kernel") as { data: Float32Array };
  const bound = 1 / 28;
  const largest = data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const variance = data.reduce((sum, value) => sum + value * value, 0) / data.length;
  expect(largest).toBeLessThanOrEqual(bound);
  expect(variance / (bound ** 2 / 3)).toBeCloseTo(1, 2);
});

it("starts as Glorot & Bengio say where it is told to: kernels of variance 2/(inputs + outputs), biases 0", () => {
  const model = mlp.build({ hidden: [300], bias: true, dropout: 0, initializer: "xavier" }, task);
  const params = initialize(model, Rng.seed(0));
  const { data } = params.get("layers.0.kernel") as ArrayValue;
  const variance = data.reduce((sum, value) => sum + value * value, 0) / data.length;
  expect(variance * ((784 + 300) / 2)).toBeCloseTo(1, 2);
  expect(params.get("layers.1.bias")?.data).toEqual(new Float32Array(10));
});

it.each([1, 2])(
  "drops the given share in each of %i layers while training, divides what it keeps, and drops none otherwise",
  async (depth) => {
    await useBackend("cpu");
    const [units, images, rate] = [500, 8, 0.25];
    const model = mlp.build(
      { hidden: Array(depth).fill(units), bias: true, dropout: rate, initializer },
      { inputShape: [1, 1, 1], classes: units },
    );
    // Every unit is 1 and goes on alone, so that the logits are the product of the masks.
    const identity = Float32Array.from({ length: units ** 2 }, (_, i) => (i % (units + 1) === 0 ? 1 : 0));
    const entries = model.parameters.map(({ name, shape }) => {
      const first = { kernel: new Float32Array(units), bias: new Float32Array(units).fill(1) };
      const later = { kernel: identity, bias: new Float32Array(units) };
      const own = name.startsWith("layers.0.") ? first : later;
      return [name, { shape, data: name.endsWith("kernel") ? own.kernel : own.bias }] as const;
    });
    const weights = toTensors(new Map(entries));
    const run = (training: boolean, seed: number) =>
      tf.tidy(() => {
        const rng = Rng.seed(seed);
        return model
          .apply(weights, tf.zeros([images, 1, 1, 1]), { training, rng })
          .dataSync() as Float32Array;
      });
    const values = run(true, 4);
    const dropped = 1 - (1 - rate) ** depth;
    const zeros = values.filter((value) => value === 0).length;
    const deviation = Math.sqrt(values.length * dropped * (1 - dropped));
    expect(Math.abs(zeros - values.length * dropped)).toBeLessThan(5 * deviation);
    for (const value of values.filter((value) => value !== 0))
      expect(value).toBeCloseTo(1 / (1 - rate) ** depth, 5);
    expect(values.subarray(0, units)).not.toEqual(values.subarray(units, 2 * units)); // each image its own units
    expect(run(true, 4)).toEqual(values);
    expect(run(true, 5)).not.toEqual(values);
    expect(run(false, 4)).toEqual(new Float32Array(images * units).fill(1));
    disposeTensors(weights);
  },
);

it("shows pre = x K + b and post = relu(pre) of every hidden layer, and gives the last x K + b", async () => {
  await useBackend("cpu");
  const widths = [6, 5, 4, 3];
  const model = mlp.build(
    { hidden: [5, 4], bias: true, dropout: 0.5, initializer },
    { inputShape: [2, 3, 1], classes: 3 },
  );
  const params = initialize(model, Rng.seed(0));
  const read = (name: string) => (params.get(name) as ArrayValue).data;
  const images = Array.from({ length: 2 }, (_, i) => [...Rng.seed(i + 1).normals(6)]);
  const seen = new Map<string, number[][]>();
  const logits = tf.tidy(() => {
    const activation = (group: string, stage: string, value: tf.Tensor) =>
      void seen.set(`${group} ${stage}`, value.arraySync() as number[][]);
    const context = { training: false, tap: { activation } };
    return model.apply(toTensors(params), tf.tensor(images.flat(), [2, 2, 3, 1]), context).arraySync();
  }) as number[][];
  const expectClose = (actual: number[][] | undefined, expected: number[][]) => {
    expect(actual?.map((row) => row.length)).toEqual(expected.map((row) => row.length));
    expected.flat().forEach((value, i) => {
      expect(actual?.flat()[i]).toBeCloseTo(value, 5);
    });
  };
  let x = images;
  for (let layer = 0; layer < 3; layer++) {
    const [kernel, bias] = [read(`layers.${layer}.kernel`), read(`layers.${layer}.bias`)];
    const units = widths[layer + 1];
    const pre = x.map((row) =>
      Array.from(bias, (b, unit) => row.reduce((sum, value, i) => sum + value * kernel[i * units + unit], b)),
    );
    const post = pre.map((row) => row.map((value) => Math.max(0, value)));
    if (layer === 2) expectClose(logits, pre);
    else {
      expect(pre.flat().some((value) => value < 0)).toBe(true);
      expectClose(seen.get(`hidden.${layer} pre`), pre);
      expectClose(seen.get(`hidden.${layer} post`), post);
    }
    x = post;
  }
  expect(seen.size).toBe(4);
});
