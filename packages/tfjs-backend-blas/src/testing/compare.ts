import * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";

/** Values that no kernel may treat alike by accident. */
const SPECIAL = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1e30, -1e-30];

/** Reproducible numbers, roughly normal; a share of them replaced by NaN, infinities and zeros. */
export function numbers(size: number, seed: number, special = 0): Float32Array {
  let state = (seed * 2654435761 + 12345) >>> 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Float32Array.from({ length: size }, () => {
    const value = next() + next() + next() + next() - 2;
    return next() < special ? SPECIAL[Math.floor(next() * SPECIAL.length)]! : value * 2;
  });
}

/** A tensor of {@link numbers}. */
export function tensor(shape: readonly number[], seed: number, special = 0): tf.Tensor {
  const size = shape.reduce((product, each) => product * each, 1);
  return tf.tensor(numbers(size, seed, special), [...shape], "float32");
}

interface Outcome {
  readonly shape: number[];
  readonly dtype: string;
  readonly values: ArrayLike<number>;
}

/** What `compute` gives on a backend; fails if it leaves anything in memory. */
export async function outcomeOn(backend: string, compute: () => tf.Tensor | tf.Tensor[]): Promise<Outcome[]> {
  await tf.setBackend(backend);
  const before = { tensors: tf.memory().numTensors, data: tf.backend().numDataIds() };
  const results = tf.tidy(() => [compute()].flat());
  const outcomes = results.map((result) => ({
    shape: result.shape,
    dtype: result.dtype,
    values: Array.from(result.dataSync()),
  }));
  tf.dispose(results);
  expect({ tensors: tf.memory().numTensors, data: tf.backend().numDataIds() }, "left in memory").toEqual(
    before,
  );
  return outcomes;
}

/**
 * Fails unless both backends give the same: NaN where NaN is, the same infinities, and every other number within
 * `tolerance`, relative to the larger of 1 and its size.
 */
export async function expectSameAsCpu(
  compute: () => tf.Tensor | tf.Tensor[],
  tolerance = 1e-5,
): Promise<void> {
  const expected = await outcomeOn("cpu", compute);
  const actual = await outcomeOn("blas", compute);
  expect(actual.length).toBe(expected.length);
  for (const [index, { shape, dtype, values }] of expected.entries()) {
    expect({ shape: actual[index]!.shape, dtype: actual[index]!.dtype }).toEqual({ shape, dtype });
    expectClose(actual[index]!.values, values, tolerance);
  }
}

/** Fails at the first number that differs by more than `tolerance`, relative to the larger of 1 and its size. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i]!, expected[i]!];
    const same = Object.is(a, e) || a === e || Math.abs(a - e) <= tolerance * Math.max(1, Math.abs(e));
    if (!same) expect.fail(`number ${i} is ${a}, expected ${e}`);
  }
}
