import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { Rng } from "../rng.js";
import { useBackend } from "./engine.js";
import { runMomentumUpdate } from "./fast-kernels.js";
import { tf } from "./tf.js";

beforeAll(async () => {
  await useBackend("wasm");
});

const buffers = () => (tf.backend() as unknown as { numDataIds(): number }).numDataIds();
const draw = (size: number, label: string) => Rng.seed(11).fork(label).uniforms(size, -1, 1);

/** Entry (i, j) of op(A) · op(B) by the definition, in double precision. */
function entry(
  a: Float32Array,
  b: Float32Array,
  [m, k, n]: readonly number[],
  ta: boolean,
  tb: boolean,
  i: number,
  j: number,
): number {
  let sum = 0;
  for (let l = 0; l < k; l++) sum += a[ta ? l * m + i : i * k + l] * b[tb ? j * k + l : l * n + j];
  return sum;
}

describe("the product on wasm", () => {
  const size = fc.integer({ min: 1, max: 40 });

  it("agrees with the definition for any shape, layout, bias and ReLU, to 1e-5, and leaves nothing behind", () => {
    const before = [tf.memory().numTensors, buffers()];
    fc.assert(
      fc.property(
        size,
        size,
        size,
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        (m, k, n, ta, tb, withBias, relu) => {
          const [a, b, bias] = [draw(m * k, "a"), draw(k * n, "b"), draw(n, "bias")];
          const result = tf.tidy(() =>
            tf.fused
              .matMul({
                a: tf.tensor2d(a, ta ? [k, m] : [m, k]),
                b: tf.tensor2d(b, tb ? [n, k] : [k, n]),
                transposeA: ta,
                transposeB: tb,
                bias: withBias ? tf.tensor1d(bias) : undefined,
                activation: relu ? "relu" : "linear",
              })
              .dataSync(),
          );
          for (let i = 0; i < m; i++) {
            for (let j = 0; j < n; j++) {
              const sum = entry(a, b, [m, k, n], ta, tb, i, j) + (withBias ? bias[j] : 0);
              expect(Math.abs(result[i * n + j] - (relu ? Math.max(sum, 0) : sum))).toBeLessThan(1e-5);
            }
          }
        },
      ),
      { seed: 5, numRuns: 60 },
    );
    expect([tf.memory().numTensors, buffers()]).toEqual(before);
  });

  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])("agrees where operands are larger than what is packed at a time (transposed: %s, %s)", (ta, tb) => {
    const [m, k, n] = [50, 3000, 401]; // 20 rows and 344 columns are packed at a time
    const [a, b] = [draw(m * k, "large a"), draw(k * n, "large b")];
    const result = tf.tidy(() =>
      tf
        .matMul(tf.tensor2d(a, ta ? [k, m] : [m, k]), tf.tensor2d(b, tb ? [n, k] : [k, n]), ta, tb)
        .dataSync(),
    );
    for (const i of [0, 3, 19, 20, 21, 39, 40, 49]) {
      for (const j of [0, 7, 8, 343, 344, 345, 399, 400])
        expect(Math.abs(result[i * n + j] - entry(a, b, [m, k, n], ta, tb, i, j))).toBeLessThan(1e-3);
    }
  });

  it.each([
    [[3], [3]],
    [[3], [1]],
    [[1], [3]],
    [
      [2, 3],
      [2, 3],
    ],
    [
      [2, 3],
      [1, 3],
    ],
    [[2, 3], []],
  ])(
    "multiplies batches %j by batches %j as the cpu backend does, to 1e-5, in every layout",
    async (batchA, batchB) => {
      const [m, k, n] = [5, 9, 11];
      const size = (shape: number[]) => shape.reduce((x, y) => x * y, 1);
      const [a, b] = [draw(size(batchA) * m * k, "batch a"), draw(size(batchB) * k * n, "batch b")];
      const products = () =>
        [false, true].flatMap((ta) =>
          [false, true].map((tb) =>
            tf.tidy(() => {
              const left = tf.tensor(a, [...batchA, ...(ta ? [k, m] : [m, k])]);
              const right = tf.tensor(b, [...batchB, ...(tb ? [n, k] : [k, n])]);
              return tf.matMul(left, right, ta, tb).dataSync();
            }),
          ),
        );
      const ours = products();
      await useBackend("cpu");
      const expected = products();
      await useBackend("wasm");
      ours.forEach((values, layout) => {
        expect(values).toHaveLength(expected[layout].length);
        values.forEach((value, i) => {
          expect(Math.abs(value - expected[layout][i])).toBeLessThan(1e-5);
        });
      });
    },
  );

  it("passes on what is not a number, and infinities, and gives zeros for an empty inner axis", () => {
    const a = tf.tensor2d([Number.NaN, 1, Number.POSITIVE_INFINITY, 1, 1, 1], [3, 2]);
    const b = tf.tensor2d([1, 2], [2, 1]);
    expect([...tf.fused.matMul({ a, b, activation: "relu" }).dataSync()]).toEqual([
      Number.NaN,
      Number.POSITIVE_INFINITY,
      3,
    ]);
    expect([...tf.matMul(tf.zeros([2, 0]), tf.zeros([0, 3])).dataSync()]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe("the momentum update on wasm", () => {
  const factors = { momentum: 0.9, weightDecay: 0.01, learningRate: 0.1 };

  it.each([1, 3, 4, 1001])("is v ← μ v + g + λ θ, θ ← θ - η v in place, to 1e-6, for %i numbers", (count) => {
    const [theta, v, g] = ["theta", "v", "g"].map((label) => draw(count, label));
    const [value, velocity, gradient] = [theta, v, g].map((values) => tf.tensor1d(values));
    runMomentumUpdate({ value, velocity, gradient }, factors);
    const [newTheta, newV] = [value.dataSync(), velocity.dataSync()];
    for (let i = 0; i < count; i++) {
      const speed = 0.9 * v[i] + g[i] + 0.01 * theta[i];
      expect(Math.abs(newV[i] - speed)).toBeLessThan(1e-6);
      expect(Math.abs(newTheta[i] - (theta[i] - 0.1 * speed))).toBeLessThan(1e-6);
    }
    expect(gradient.dataSync()).toEqual(g);
    tf.dispose([value, velocity, gradient]);
  });

  it("is seen by a convolution that has used the filter before", () => {
    tf.tidy(() => {
      const images = tf.tensor4d(draw(2 * 5 * 5 * 3, "images"), [2, 5, 5, 3]);
      const filter = tf.tensor4d(draw(3 * 3 * 3 * 4, "filter"), [3, 3, 3, 4]);
      const convolve = (x: typeof filter) => tf.conv2d(images, x, 1, "same").dataSync();
      const old = convolve(filter);
      runMomentumUpdate(
        { value: filter, velocity: tf.zerosLike(filter), gradient: tf.onesLike(filter) },
        factors,
      );
      const fresh = tf.tensor4d(filter.dataSync(), [3, 3, 3, 4]);
      expect(convolve(filter)).toEqual(convolve(fresh));
      expect(convolve(filter)).not.toEqual(old);
    });
  });
});
