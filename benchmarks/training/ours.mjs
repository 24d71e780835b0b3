// Times training by core's `train`, as users have it: batches gathered from bytes and normalized, everything in memory.
// Usage: node ours.mjs NETWORK BACKEND THREADS STEPS [shipped]   → one line of JSON; `shipped`: TensorFlow.js' own wasm kernels
import { classification, initialize, Rng, train, trainSettings, useBackend } from "@isthmus/core";
import { mlp } from "@isthmus/models";
import { randomImages } from "../lib/random-images.mjs";
import { BATCH, CLASSES, imagesOf, NETWORKS, WARM_UP } from "./networks.mjs";

const [name, backend, threads, steps, shipped] = process.argv.slice(2);
const network = NETWORKS.find((each) => each.name === name);
const { inputShape, images, hidden } = network;

// Claims that the wasm backend's products have been replaced already.
if (shipped)
  for (const part of ["matmul", "kernels"]) globalThis[Symbol.for(`isthmus.engine.wasm-${part}`)] = true;
const engine = await useBackend(backend, { threads: Number(threads) });

const rng = Rng.seed(0);
const data = randomImages(inputShape, images);
const some = (count) => data.subset(rng.fork(`images ${count}`).permutation(images).subarray(0, count));
const { data: options } = mlp.options.safeParse({ hidden });
const model = mlp.build(options, { inputShape, classes: CLASSES });
const objective = classification(model, initialize(model, rng.fork("weights")));
const settings = trainSettings.parse({
  epochs: 1,
  batchSize: BATCH,
  optimizer: { kind: "sgd", learningRate: 0.01, momentum: 0.9 },
});
const run = (part) => train(objective, part, settings, { rng: rng.fork("train") });

await run(some(WARM_UP * BATCH));
const measured = some(imagesOf(network, Number(steps)));
const start = performance.now();
await run(measured);
const seconds = (performance.now() - start) / 1000;
process.stdout.write(JSON.stringify({ seconds, version: engine.version, threads: engine.threads }));
