import { Rng, tf, train, trainSettings, useBackend } from "@isthmus/core";
import { benchmarkData, benchmarkObjective } from "./benchmark-network.js";

/** What is asked of the process that measures. */
export interface MeasureRequest {
  readonly backend: string;
  readonly threads: number;
  /** Seconds for each of the two measurements, about; 0 only tries a few steps. */
  readonly seconds: number;
}

/** How fast a backend is. */
export interface Measured {
  readonly threads: number;
  readonly library?: string;
  readonly details?: string;
  /** Why `auto` passes over it. */
  readonly slow?: string;
  /** 10⁹ multiplications and additions per second in a product of two 512 × 512 matrices. */
  readonly gflops: number;
  /** Training steps per second: dense layers 784-400-200-100-10, 128 images, SGD with momentum. */
  readonly stepsPerSecond: number;
}

const SIZE = 512;
const BATCH = 128;
/** Steps of images that are made; more steps are further epochs over them. */
const STEPS = 32;

const secondsOf = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};

/** A count that fills the time, from the time of one. */
const countFor = (seconds: number, one: number, most: number) =>
  Math.max(1, Math.min(most, Math.round(seconds / one)));

async function gflops(rng: Rng, seconds: number): Promise<number> {
  const matrix = (label: string) =>
    tf.tensor2d(
      rng
        .fork(label)
        .uniforms(SIZE * SIZE)
        .map((value) => value - 0.5),
      [SIZE, SIZE],
    );
  const [a, b] = [matrix("a"), matrix("b")];
  const products = (count: number) => async () => {
    let last = tf.matMul(a, b);
    for (let i = 1; i < count; i++) {
      last.dispose();
      last = tf.matMul(a, b);
    }
    await last.data(); // a backend may compute later than it is asked
    last.dispose();
  };
  await products(1)();
  const count = countFor(seconds, await secondsOf(products(1)), 2000);
  const taken = await secondsOf(products(count));
  tf.dispose([a, b]);
  return (2 * SIZE ** 3 * count) / taken / 1e9;
}

async function stepsPerSecond(rng: Rng, seconds: number): Promise<number> {
  const objective = benchmarkObjective(rng.fork("weights"));
  const data = benchmarkData(BATCH * STEPS, rng.fork("data"));
  const run = (steps: number) => () => {
    const images = data.subset(Array.from({ length: BATCH * Math.min(steps, STEPS) }, (_, i) => i));
    const settings = trainSettings.parse({
      epochs: Math.ceil(steps / STEPS),
      batchSize: BATCH,
      optimizer: { kind: "sgd", learningRate: 0.01, momentum: 0.9 },
    });
    return train(objective, images, settings, { rng: rng.fork("train") });
  };
  await run(1)();
  let steps = 2;
  let taken = await secondsOf(run(steps));
  // The first steps are the slowest: their pace only tells how many more to take.
  for (let round = 0; round < 2 && taken < 0.5 * seconds; round++) {
    steps = countFor(seconds / 2 ** (1 - round), taken / steps, 20_000);
    if (steps > STEPS) steps = STEPS * Math.ceil(steps / STEPS);
    taken = await secondsOf(run(steps));
  }
  return steps / taken;
}

/** Makes a backend the active one of this process and measures it; ends with a training step whose loss is finite, or throws. */
export async function measureBackend({ backend, threads, seconds }: MeasureRequest): Promise<Measured> {
  const { threads: used, library, details, slow } = await useBackend(backend, { threads });
  const rng = Rng.seed(0);
  return {
    threads: used,
    ...(library && { library }),
    ...(details && { details }),
    ...(slow && { slow }),
    gflops: await gflops(rng.fork("product"), 0.5 * seconds),
    stepsPerSecond: await stepsPerSecond(rng.fork("training"), seconds),
  };
}
