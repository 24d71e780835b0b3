// Times training by core's `train`, as users have it: batches gathered from bytes and normalized, everything in memory.
// Usage: node ours.mjs NETWORK BACKEND THREADS STEPS [shipped]   → one line of JSON: seconds of each epoch; `shipped`: TensorFlow.js'
// own wasm kernels
import { classification, initialize, Rng, train, trainSettings, useBackend } from "@isthmus/core";
import { mlp } from "@isthmus/models";
import { randomImages } from "../lib/random-images.mjs";
import { BATCH, CLASSES, EPOCHS, imagesOf, NETWORKS, WARM_UP } from "./networks.mjs";

const OPTIMIZER = { kind: "sgd", learningRate: 0.01, momentum: 0.9 };

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

/** Trains, and tells when each epoch began and the last one ended. */
async function run(part, epochs) {
  const times = [performance.now()];
  const metrics = () => times.push(performance.now());
  const settings = trainSettings.parse({ epochs, batchSize: BATCH, optimizer: OPTIMIZER });
  await train(objective, part, settings, { rng: rng.fork("train"), metrics });
  return [...times.slice(0, -1), performance.now()];
}

await run(some(WARM_UP * BATCH), 1);
const times = await run(some(imagesOf(network, Number(steps))), EPOCHS);
const seconds = times.slice(1).map((time, i) => (time - times[i]) / 1000);
process.stdout.write(JSON.stringify({ seconds, version: engine.version }));
