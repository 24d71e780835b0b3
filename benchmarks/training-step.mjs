// Times training steps of MLPNet (784-400-200-100-10, batch 128, SGD with momentum) on one backend, in a process of its own.
// Usage: node benchmarks/training-step.mjs BACKEND repaired|shipped STEPS   → one line of JSON
import {
  classification,
  initialize,
  LabeledImages,
  Rng,
  tf,
  train,
  trainSettings,
  useBackend,
} from "@isthmus/core";
import { mlp } from "@isthmus/models";

const [backend, state, steps] = process.argv.slice(2);
const BATCH = 128;
const WIDTHS = [784, 400, 200, 100, 10];

if (state === "shipped") globalThis[Symbol.for("isthmus.engine.wasm-matmul")] = true; // claims that the repair is done
await useBackend(backend);

const rng = Rng.seed(0);
const count = BATCH * Number(steps);
const split = {
  images: Uint8Array.from({ length: count * 784 }, () => rng.bits() & 255),
  labels: Uint8Array.from({ length: count }, () => rng.int(10)),
};
const dataset = {
  inputShape: [28, 28, 1],
  classNames: [..."0123456789"],
  normalization: { mean: [0.5], std: [0.29] },
  splits: { train: split, test: split },
};
const data = new LabeledImages(dataset, "train");
const { data: options } = mlp.options.safeParse({ hidden: WIDTHS.slice(1, -1) });
const model = mlp.build(options, { inputShape: [28, 28, 1], classes: 10 });
const objective = classification(model, initialize(model, rng.fork("weights")));
const settings = trainSettings.parse({
  epochs: 1,
  batchSize: BATCH,
  optimizer: { kind: "sgd", learningRate: 0.01, momentum: 0.9 },
});
const run = (images) => train(objective, images, settings, { rng: rng.fork("train") });

await run(data.subset(Array.from({ length: 3 * BATCH }, (_, i) => i))); // warm-up
const start = performance.now();
await run(data);
const stepSeconds = (performance.now() - start) / 1000 / Number(steps);

const products = WIDTHS.slice(1).map((units, l) => WIDTHS[l] * units);
const all = products.reduce((a, b) => a + b);
const flops = 2 * BATCH * (all + all + (all - products[0])); // forward, weight gradients, input gradients but the first
process.stdout.write(
  `${JSON.stringify({ stepSeconds, gflops: flops / stepSeconds / 1e9, version: tf.version_core })}\n`,
);
