// Times training VGG-11 by core's `train`, as users have it: batches gathered from bytes and normalized, everything in memory.
// Usage: node ours.mjs OPTIONS BACKEND THREADS STEPS WARM_UP   → one line of JSON
import { classification, initialize, Rng, train, trainSettings, useBackend } from "@isthmus/core";
import { vgg11 } from "@isthmus/models";
import { randomImages } from "../lib/random-images.mjs";
import { BATCH, CLASSES, INPUT_SHAPE } from "./networks.mjs";

const [options, backend, threads, steps, warmUp] = process.argv.slice(2);
const engine = await useBackend(backend, { threads: Number(threads) });
const rng = Rng.seed(0);
const { data: resolved } = vgg11.options.safeParse(JSON.parse(options));
const model = vgg11.build(resolved, { inputShape: INPUT_SHAPE, classes: CLASSES });
const objective = classification(model, initialize(model, rng.fork("weights")));
const settings = trainSettings.parse({
  epochs: 1,
  batchSize: BATCH,
  optimizer: { kind: "sgd", learningRate: 0.01, momentum: 0.9 },
});
const run = (count) =>
  train(objective, randomImages(INPUT_SHAPE, count * BATCH), settings, { rng: rng.fork("train") });

await run(Number(warmUp));
const start = performance.now();
await run(Number(steps));
const seconds = (performance.now() - start) / 1000 / Number(steps);
const memory = process.resourceUsage().maxRSS / 2 ** 20;
process.stdout.write(JSON.stringify({ seconds, memory, version: engine.version }));
