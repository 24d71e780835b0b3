// Times training by core's `train`, as users have it: batches gathered from bytes and normalized, everything in memory.
// Usage: node ours.mjs NETWORK BACKEND THREADS STEPS [shipped]   → a line of JSON with the version, then one with the seconds of every
// slice of an epoch, each when told; `shipped`: TensorFlow.js' own wasm kernels
import { classification, initialize, Rng, train, trainSettings, useBackend } from "@isthmus/core";
import { mlp } from "@isthmus/models";
import { randomImages } from "../lib/random-images.mjs";
import { endSlice } from "../lib/slices.mjs";
import { BATCH, CLASSES, EPOCHS, NETWORKS, SLICES, WARM_UP } from "./networks.mjs";

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

/** Trains on so many steps of images; `stepped` is called after each. */
function run(steps, epochs, stepped) {
  const settings = trainSettings.parse({ epochs, batchSize: BATCH, optimizer: OPTIMIZER });
  return train(objective, some(steps * BATCH), settings, { rng: rng.fork("train"), progress: stepped });
}

await run(WARM_UP, 1);
endSlice({ version: engine.version });
let step = 0;
let start = performance.now();
await run(Number(steps), EPOCHS, () => {
  if (++step % (steps / SLICES) !== 0) return;
  endSlice({ ours: (performance.now() - start) / 1000 });
  start = performance.now();
});
