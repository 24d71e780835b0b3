// REPAIR on the architectures that come with Isthmus: maps, dense layers after them, residual streams, recurrent units.
import { finishFusion, initialize, LabeledImages, Rng, tf, toTensors, useBackend } from "@isthmus/core";
import { toyContext } from "@isthmus/core/testing";
import { average } from "@isthmus/fusion-avg";
import { convnet, lstm, resnet18, rnn, vgg11 } from "@isthmus/models";
import { beforeAll, expect, it } from "vitest";

const CLASSES = 3;

function dataOf(count, inputShape) {
  const rng = Rng.seed(5);
  const size = inputShape.reduce((a, b) => a * b);
  const split = {
    labels: Uint8Array.from({ length: count }, (_, i) => i % CLASSES),
    images: Uint8Array.from({ length: count * size }, () => rng.int(256)),
  };
  const normalization = { mean: [0.5, 0.5, 0.5], std: [0.3, 0.3, 0.3] };
  const classNames = ["a", "b", "c"];
  return new LabeledImages(
    { inputShape, classNames, normalization, splits: { train: split, test: split } },
    "train",
  );
}

/** Two networks with larger weights than fresh ones, so that images differ in deep layers as well, and unlike scales. */
function inputsOf(architecture, input, inputShape) {
  const parsed = architecture.options.safeParse(input);
  const model = architecture.build(parsed.data, { inputShape, classes: CLASSES });
  const lively = (seed, params) =>
    new Map(
      [...params].map(([name, { shape, data }]) => {
        const factors = Rng.seed(seed).fork(name).uniforms(data.length, 1, 3);
        return [name, { shape, data: data.map((value, i) => value * factors[i] + 0.01 * factors[i]) }];
      }),
    );
  return [0, 1].map((seed) => ({
    model,
    params: lively(seed, initialize(model, Rng.seed(seed))),
    weight: [0.4, 0.6][seed],
  }));
}

/** Mean and standard deviation of every unit's pre-activations over images and positions, `[group][unit]`, by definition. */
function statistics(model, params, data, context = {}) {
  const found = new Map();
  const weights = toTensors(params);
  tf.tidy(() => {
    const { images } = data.batch([...Array(data.count).keys()]);
    const activation = (group, stage, value) => {
      if (stage !== "pre") return;
      const units = value.shape.at(-1);
      const values = value.dataSync();
      const own = Array.from({ length: units }, (_, unit) => {
        const column = values.filter((_, i) => i % units === unit);
        const mean = column.reduce((a, b) => a + b, 0) / column.length;
        const std = Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / column.length);
        return { mean, std };
      });
      found.set(group, own);
    };
    const batch = tf.tensor(images, [data.count, ...data.inputShape]);
    model.apply(weights, batch, { training: false, ...context, tap: { activation } });
  });
  tf.dispose([...weights.values()]);
  return found;
}

async function repaired(inputs, data) {
  const fused = await average.fuse(inputs, {}, toyContext({ data, needs: ["weights"] }));
  return finishFusion(fused, inputs, { afterwards: "repair", data });
}

beforeAll(async () => {
  await useBackend("wasm");
});

it.each([
  ["vgg11 with biases", vgg11, { width: 1 / 16, bias: true }, [32, 32, 3], 6],
  ["convnet with biases", convnet, { channels: [4, 6], hidden: [8], bias: true }, [8, 8, 3], 30],
])("every unit of %s has the inputs' weighted statistics", async (_, architecture, input, shape, count) => {
  const inputs = inputsOf(architecture, input, shape);
  const [{ model }] = inputs;
  const data = dataOf(count, shape);
  const own = inputs.map(({ params }) => statistics(model, params, data));
  const after = statistics(model, (await repaired(inputs, data)).params, data);
  expect(after.size).toBe(model.symmetry.length);
  for (const [group, units] of after) {
    units.forEach(({ mean, std }, unit) => {
      const goal = (part) =>
        inputs.reduce((sum, { weight }, i) => sum + weight * own[i].get(group)[unit][part], 0);
      expect(Math.abs(std - goal("std")), group).toBeLessThan(1e-3 * goal("std"));
      expect(Math.abs(mean - goal("mean")), group).toBeLessThan(1e-3 * goal("std"));
    });
  }
});

it.each([
  ["vgg11", vgg11, { width: 1 / 16, batchNorm: true }, [32, 32, 3], 6],
  ["convnet", convnet, { channels: [4, 6], hidden: [8], bias: true, batchNorm: true }, [8, 8, 3], 30],
  ["resnet18", resnet18, { width: 1 / 16 }, [8, 8, 3], 30],
])("normalized layers of %s take on the inputs' weighted scales and biases", async (_, ...tried) => {
  const [architecture, input, shape, count] = tried;
  const inputs = inputsOf(architecture, input, shape);
  const { params } = await repaired(inputs, dataOf(count, shape));
  const scales = inputs[0].model.parameters.filter(({ role }) => role === "scale");
  expect(scales.length).toBeGreaterThan(0);
  for (const { name } of scales) {
    for (const parameter of [name, name.replace(".scale", ".bias")]) {
      const [a, b] = inputs.map((each) => each.params.get(parameter).data);
      params.get(parameter).data.forEach((value, unit) => {
        expect(value, parameter).toBeCloseTo(0.4 * a[unit] + 0.6 * b[unit], 5);
      });
    }
  }
});

it.each([
  ["residual streams without normalization", resnet18, { width: 1 / 16, batchNorm: false, bias: true }],
  ["recurrent units", rnn, { hidden: 6, bias: true }],
  ["gated recurrent units", lstm, { hidden: 6, bias: true }],
])("%s are refused", async (_, architecture, input) => {
  const inputs = inputsOf(architecture, input, [8, 8, 3]);
  await expect(repaired(inputs, dataOf(12, [8, 8, 3]))).rejects.toMatchObject({ code: "fusion/repair" });
});
