// Evaluates a plane of MLPNet both ways on one backend: half of the networks one by one, the plane combined, the other half one by
// one, so that a change of the machine's load falls on both.
// Usage: node benchmarks/plane-times.mjs BACKEND STEPS   → one line of JSON
import {
  evaluate,
  evaluateCombinations,
  initialize,
  LabeledImages,
  linearCombination,
  planeGrid,
  planeThrough,
  Rng,
  useBackend,
} from "@isthmus/core";
import { mlp } from "@isthmus/models";

const [backend, steps] = process.argv.slice(2);
await useBackend(backend);

const rng = Rng.seed(0);
const count = 10_000;
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
const data = new LabeledImages(dataset, "test");
const { data: options } = mlp.options.safeParse({});
const model = mlp.build(options, { inputShape: [28, 28, 1], classes: 10 });
const basis = [0, 1, 2].map((i) => initialize(model, rng.fork(`network ${i}`)));
const { coefficients } = planeGrid(planeThrough(...basis), { steps: Number(steps) });

const one = (point) => evaluate(model, linearCombination(point, basis), data);
/** Seconds by the clock, and of processor time: on a busy machine the second is the fairer one. */
const timed = async (work) => {
  const start = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { clock: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 };
};
await one(coefficients[0]); // warm-up
await evaluateCombinations(model, basis, coefficients.slice(0, 4), data);

const half = Math.ceil(coefficients.length / 2);
const singles = [];
let plane = [];
const oneByOne = (points) =>
  timed(async () => {
    for (const point of points) singles.push(await one(point));
  });
const firstHalf = await oneByOne(coefficients.slice(0, half));
const combined = await timed(async () => {
  plane = await evaluateCombinations(model, basis, coefficients, data);
});
const secondHalf = await oneByOne(coefficients.slice(half));
const single = { clock: firstHalf.clock + secondHalf.clock, cpu: firstHalf.cpu + secondHalf.cpu };
const difference = Math.max(...plane.map(({ loss }, j) => Math.abs(loss - singles[j].loss)));
process.stdout.write(`${JSON.stringify({ single, combined, difference })}\n`);
