// The backend `gpu` on a machine that has one: a product, a convolution and its gradients beside the reference in plain JavaScript,
// training twice to the same bits, nothing left behind; then training steps per second beside the best backend of the processor.
// Usage: npm run verify:gpu   exits with 1 where a check fails or no GPU is found
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { classification, initialize, Rng, tf, train, trainSettings, useBackend } from "@isthmus/core";
import { largestDifference, leakedTensors } from "@isthmus/core/testing";
import { mlp, vgg11 } from "@isthmus/models";
import { randomImages } from "../benchmarks/lib/random-images.mjs";
import { BATCH, NETWORKS } from "../benchmarks/training/networks.mjs";
import { NETWORKS as CONVOLUTIONAL } from "../benchmarks/vgg/networks.mjs";

const status = await useBackend("gpu").catch(({ message, hint }) => {
  console.error(`error: ${message}\n${hint}`);
  process.exit(1);
});
console.log(`gpu: ${status.library}, ${status.details}\n`);

let failed = 0;
const check = (ok, text) => {
  console.log(`${ok ? "ok  " : "FAIL"}  ${text}`);
  if (!ok) failed++;
};

/** Largest difference between what the GPU and the reference compute. */
async function distance(compute) {
  const values = [];
  for (const backend of ["gpu", "cpu"]) {
    await useBackend(backend);
    values.push(tf.tidy(() => compute().map((tensor) => Float32Array.from(tensor.dataSync()))));
  }
  const [ours, theirs] = values;
  return Math.max(...ours.map((each, i) => largestDifference(each, theirs[i])));
}

const rng = Rng.seed(0);
const random = (shape) => {
  const uniforms = rng.fork(`values ${shape}`).uniforms(shape.reduce((a, b) => a * b));
  return tf.tensor(
    Float32Array.from(uniforms, (value) => value - 0.5),
    shape,
  );
};
const product = await distance(() => [tf.matMul(random([256, 784]), random([784, 400]))]);
check(
  product < 5e-5,
  `a product of 256 × 784 and 784 × 400 differs by ${product.toExponential(1)} (at most 5e-5)`,
);
const convolve = (x, filter) => tf.conv2d(x, filter, 1, "same");
const convolution = await distance(() => {
  const [x, filter] = [random([4, 16, 16, 8]), random([3, 3, 8, 12])];
  const gradients = tf.grads((x, filter) => tf.sum(tf.square(convolve(x, filter))))([x, filter]);
  return [convolve(x, filter), ...gradients.map((each) => tf.div(each, 100))];
});
check(
  convolution < 1e-5,
  `a convolution and its gradients differ by ${convolution.toExponential(1)} (at most 1e-5)`,
);

const settings = trainSettings.parse({
  epochs: 1,
  batchSize: BATCH,
  optimizer: { kind: "sgd", learningRate: 0.01, momentum: 0.9 },
});
const CASES = [
  { name: "MLPNet", architecture: mlp, options: {}, inputShape: [28, 28, 1], steps: 40 },
  ...CONVOLUTIONAL.map((each) => ({ ...each, architecture: vgg11, inputShape: [32, 32, 3], steps: 4 })),
];
for (const { name, architecture, options, inputShape, steps } of CASES) {
  const model = architecture.build(architecture.options.safeParse(options).data, { inputShape, classes: 10 });
  const objective = classification(model, initialize(model, rng.fork(name)));
  const data = randomImages(inputShape, steps * BATCH);
  await useBackend("gpu");
  const run = () => train(objective, data, settings, { rng: rng.fork("train") });
  const [once, again] = [await run(), await run()];
  const apart = Math.max(
    ...[...once.params].map(([key, { data: values }]) =>
      largestDifference(values, again.params.get(key).data),
    ),
  );
  check(
    apart === 0,
    `${name}: ${steps} steps, taken twice, end ${apart === 0 ? "in the same bits" : `${apart} apart`}`,
  );
  check((await leakedTensors(run)) === 0, `${name}: nothing is left behind`);
}

/** Seconds a step takes by one of the benchmarks' programs. */
function measure(program, ...args) {
  const script = fileURLToPath(new URL(`../benchmarks/${program}/ours.mjs`, import.meta.url));
  return JSON.parse(execFileSync(process.execPath, [script, ...args.map(String)], { encoding: "utf8" }))
    .seconds;
}
const processor = await useBackend("blas").catch(() => useBackend("wasm"));
const threads = 2;
const columns = ["gpu", processor.backend];
console.log(
  `\nMilliseconds for a training step of ${BATCH} images, ${processor.backend} with ${threads} threads\n`,
);
const rows = [
  ...NETWORKS.map(({ name }) => [
    name,
    (backend) => (1000 * measure("training", name, backend, threads, 390)) / 390,
  ]),
  ...CONVOLUTIONAL.map(({ name, options }) => [
    name,
    (backend) =>
      1000 * measure("vgg", JSON.stringify(options), backend, threads, backend === "gpu" ? 40 : 4, 3),
  ]),
];
console.log(`${"".padEnd(24)}${columns.map((each) => each.padStart(10)).join("")}`);
for (const [name, milliseconds] of rows) {
  console.log(
    `${name.padEnd(24)}${columns.map((each) => milliseconds(each).toFixed(2).padStart(10)).join("")}`,
  );
}
console.log(failed === 0 ? "\nAll checks passed." : `\n${failed} checks failed.`);
process.exitCode = failed === 0 ? 0 : 1;
