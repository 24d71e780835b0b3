import * as tf from "@tensorflow/tfjs-core";
import { beforeEach, describe, expect, it } from "vitest";
import { numbers, tensor } from "../testing/compare.js";
import { describeWithBlas } from "../testing/with-blas.js";
import { ArrayPool } from "./array-pool.js";
import type { BlasBackend } from "./backend.js";

const LARGE = 2 ** 15;

describe("a pool of arrays", () => {
  it("gives an array again once it is back, to those who ask for its size", () => {
    const pool = new ArrayPool();
    const first = pool.take(LARGE);
    expect(pool.take(LARGE)).not.toBe(first);
    pool.giveBack(first);
    expect(pool.take(LARGE + 1)).not.toBe(first);
    expect(pool.take(LARGE)).toBe(first);
    expect(pool.take(LARGE)).not.toBe(first);
  });

  it("takes back nothing that it did not lend, that was let go, or that is back already", () => {
    const pool = new ArrayPool();
    const [own, shown, twice] = [new Float32Array(LARGE), pool.take(LARGE), pool.take(LARGE)];
    pool.letGo(shown);
    for (const each of [own, shown, twice, twice]) pool.giveBack(each);
    expect(pool.take(LARGE)).toBe(twice);
    expect([own, shown, twice]).not.toContain(pool.take(LARGE));
  });
});

describeWithBlas("arrays of tensors", () => {
  beforeEach(() => tf.setBackend("blas"));
  const arrayOf = (x: tf.Tensor) => (tf.backend() as BlasBackend).floats(x);

  it("are used again after their tensor is disposed", () => {
    const x = tensor([LARGE], 1);
    const y = tf.relu(x);
    const array = arrayOf(y);
    y.dispose();
    const z = tf.exp(x);
    expect(arrayOf(z)).toBe(array);
    tf.dispose([x, z]);
  });

  it("are not, while a reshaped tensor has them, or once they were read or handed to a kernel of the cpu backend", () => {
    const x = tensor([LARGE], 1);
    const kept: Float32Array[] = [];
    const uses: ((y: tf.Tensor) => unknown)[] = [
      (y) => kept.push(y.dataSync() as Float32Array),
      (y) => tf.reshape(y, [2, LARGE / 2]),
      (y) => tf.slice(y, [0], [LARGE / 2]),
      (y) => tf.cumsum(y as tf.Tensor1D),
    ];
    for (const use of uses) {
      const y = tf.relu(x);
      const array = arrayOf(y);
      use(y);
      y.dispose();
      const z = tf.exp(x);
      expect(arrayOf(z)).not.toBe(array);
      z.dispose();
    }
    const before = kept[0]!.slice();
    tf.tidy(() => tf.exp(tf.relu(tf.neg(x))));
    expect(kept[0]).toEqual(before);
    tf.disposeVariables();
  });

  it("a slice that shows part of a disposed tensor keeps its numbers", () => {
    const slice = tf.tidy(() => tf.slice(tf.relu(tensor([LARGE], 1)), [5], [10]));
    tf.tidy(() => tf.exp(tensor([LARGE], 2)));
    const expected = numbers(LARGE, 1).slice(5, 15);
    expect(slice.dataSync()).toEqual(expected.map((each) => Math.max(each, 0)));
    slice.dispose();
  });
});
