// What verify-browser.mjs runs in a page: core and the plugins, trained and fused, without Node.
import {
  classification,
  evaluate,
  initialize,
  LabeledImages,
  Rng,
  sha256,
  train,
  trainSettings,
  useBackend,
} from "@isthmus/core";
import { digits } from "@isthmus/datasets";
import { average } from "@isthmus/fusion-avg";
import { curve } from "@isthmus/fusion-curve";
import { ot } from "@isthmus/fusion-ot";
import { mlp } from "@isthmus/models";

const optionsOf = (schema, input) => {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw new Error(JSON.stringify(parsed.error.issues));
  return parsed.data;
};
const files = {
  read: () => {
    throw new Error("no files in this page");
  },
};

async function main() {
  const engine = await useBackend("wasm");
  const dataset = await digits.load(optionsOf(digits.options, { train: 2000, test: 500 }), { files });
  const data = new LabeledImages(dataset, "train");
  const test = new LabeledImages(dataset, "test");
  const model = mlp.build(optionsOf(mlp.options, { hidden: [64, 32] }), {
    inputShape: dataset.inputShape,
    classes: 10,
  });
  const rng = Rng.seed(0);
  const settings = trainSettings.parse({
    epochs: 3,
    optimizer: { kind: "sgd", learningRate: 0.07, momentum: 0.9 },
  });
  const networks = [];
  for (const name of ["a", "b"]) {
    const own = rng.fork(name);
    const { params } = await train(
      classification(model, initialize(model, own.fork("init"))),
      data,
      settings,
      { rng: own },
    );
    networks.push({ model, params, weight: 0.5 });
  }
  const context = {
    rng: rng.fork("fuse"),
    data,
    signal: new AbortController().signal,
    train: (objective, own) => train(objective, data, own, { rng: rng.fork("curve") }),
    metrics: () => {},
    progress: () => {},
  };
  const accuracy = {};
  accuracy.a = (await evaluate(model, networks[0].params, test)).accuracy;
  for (const [method, options] of [
    [average, {}],
    [ot, {}],
    [curve, { training: { ...settings, epochs: 3 } }],
  ]) {
    const fused = await method.fuse(networks, optionsOf(method.options, options), context);
    accuracy[method.meta.name] = (await evaluate(model, fused.params, test)).accuracy;
  }
  return { engine: engine.backend, digest: await sha256(dataset.splits.train.images), accuracy };
}

main().then(
  (result) => {
    window.result = result;
  },
  (error) => {
    window.result = { error: String(error?.stack ?? error) };
  },
);
