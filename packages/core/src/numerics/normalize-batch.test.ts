import { describe, expect, it } from "vitest";
import { useBackendOrSkip } from "../testing/use-backend-or-skip.js";
import { BACKENDS } from "./engine/backends.js";
import { tf } from "./engine/tf.js";
import { normalizeBatch } from "./normalize-batch.js";
import { Rng } from "./rng.js";

const EPSILON = 1e-3;
const SHAPE = [4, 3, 2, 5];
const rng = Rng.seed(7);
const numbers = (label: string, size: number) =>
  Float64Array.from(rng.fork(label).uniforms(size), (each) => Math.fround(4 * each + 3));
const [x, pull, scale, bias] = [
  numbers("x", 120),
  numbers("pull", 120),
  numbers("scale", 5),
  numbers("bias", 5),
] as const;

/** y by its definition, in double precision. */
function normalized(values: Float64Array, s: Float64Array, b: Float64Array): Float64Array {
  const unit = (c: number) => values.filter((_, i) => i % 5 === c);
  const mean = [0, 1, 2, 3, 4].map((c) => unit(c).reduce((sum, each) => sum + each, 0) / 24);
  const variance = mean.map((m, c) => unit(c).reduce((sum, each) => sum + (each - m) ** 2, 0) / 24);
  return values.map((each, i) => {
    const c = i % 5;
    return ((each - mean[c]) / Math.sqrt(variance[c] + EPSILON)) * s[c] + b[c];
  });
}

/** Central differences of Σ pull · y². */
function slopes(given: readonly Float64Array[], which: number): Float64Array {
  const loss = (args: readonly Float64Array[]) =>
    normalized(...(args as [Float64Array, Float64Array, Float64Array])).reduce(
      (sum, y, i) => sum + pull[i] * y * y,
      0,
    );
  return given[which].map((value, i) => {
    const at = (moved: number) =>
      loss(given.map((each, k) => (k === which ? each.map((v, j) => (j === i ? moved : v)) : each)));
    return (at(value + 1e-5) - at(value - 1e-5)) / 2e-5;
  });
}

/** Largest difference, relative to the largest expected number. */
function difference(found: tf.Tensor, expected: Float64Array): number {
  const most = Math.max(...expected.map(Math.abs));
  return Math.max(...found.dataSync().map((each, i) => Math.abs(each - expected[i]))) / most;
}

describe.for(BACKENDS.map(({ name }) => name))("on %s", (backend) => {
  it("a batch has mean 0 and variance 1 per unit, then scale and bias; gradients are those of finite differences", async ({
    skip,
  }) => {
    await useBackendOrSkip(backend, skip);
    tf.tidy(() => {
      const args = [x, scale, bias];
      const [tx, ts, tb] = [
        tf.tensor(Float32Array.from(x), SHAPE),
        tf.tensor1d(Float32Array.from(scale)),
        tf.tensor1d(Float32Array.from(bias)),
      ];
      const { values, mean, variance } = normalizeBatch(tx, ts, tb, EPSILON);
      expect(difference(values, normalized(x, scale, bias))).toBeLessThan(1e-5);
      expect(mean.shape).toEqual([5]);
      expect(variance.shape).toEqual([5]);
      const loss = (a: tf.Tensor, s: tf.Tensor, b: tf.Tensor) => {
        const y = normalizeBatch(a, s as tf.Tensor1D, b as tf.Tensor1D, EPSILON).values;
        return tf.sum(tf.mul(tf.tensor(Float32Array.from(pull), SHAPE), tf.square(y)));
      };
      const grads = tf.grads((...given) => loss(...(given as [tf.Tensor, tf.Tensor, tf.Tensor])))([
        tx,
        ts,
        tb,
      ]);
      grads.forEach((grad, k) => {
        expect(grad.shape).toEqual([tx, ts, tb][k].shape);
        expect(difference(grad, slopes(args, k)), `gradient ${k}`).toBeLessThan(1e-5);
      });
    });
  });
});
