import { afterAll, describe, expect, it } from "vitest";
import { leakedTensors } from "../../testing/measure.js";
import { useBackendOrSkip } from "../../testing/use-backend-or-skip.js";
import { Rng } from "../rng.js";
import { BACKENDS } from "./backends.js";
import { useBackend } from "./engine.js";
import { tf } from "./tf.js";

afterAll(() => useBackend("wasm"));

describe.for(BACKENDS.map(({ name }) => name))("the gradient of ReLU on %s", (backend) => {
  const activate = (skip: (note?: string) => never) => useBackendOrSkip(backend, skip);
  /** Around 0, and more than a block of any loop. */
  const values = Float32Array.from(Rng.seed(4).uniforms(5001), (value, i) => (i % 7 === 0 ? 0 : value - 0.5));
  const slopes = Float32Array.from(Rng.seed(5).uniforms(5001), (value) => value - 0.5);

  it("lets through what comes where the input is positive, and nothing else", async ({ skip }) => {
    await activate(skip);
    const gradient = tf.tidy(() =>
      tf
        .grad((x) => tf.sum(tf.mul(tf.relu(x), tf.tensor(slopes))))(tf.tensor(values))
        .dataSync(),
    );
    expect(Array.from(gradient, (value) => value + 0)).toEqual(
      Array.from(values, (value, i) => (value > 0 ? (slopes[i] as number) : 0)),
    );
  });

  it("has a gradient of its own: Σ relu(x)³ bends by 6 relu(x)", async ({ skip }) => {
    await activate(skip);
    const cubed = (x: ReturnType<typeof tf.tensor>) => tf.sum(tf.pow(tf.relu(x), tf.scalar(3)));
    const bend = tf.tidy(() =>
      tf
        .grad((x) => tf.sum(tf.grad(cubed as never)(x)))(tf.tensor(values))
        .dataSync(),
    );
    bend.forEach((value, i) => {
      expect(Math.abs(value - 6 * Math.max(0, values[i] as number))).toBeLessThan(1e-5);
    });
  });

  it("leaves nothing behind", async ({ skip }) => {
    await activate(skip);
    const work = async () => {
      tf.tidy(() => void tf.grad((x) => tf.sum(tf.relu(x)))(tf.tensor(values)));
    };
    expect(await leakedTensors(work)).toBe(0);
  });
});
