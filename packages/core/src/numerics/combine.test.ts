import { afterAll, expect, it } from "vitest";
import { useBackendOrSkip } from "../testing/use-backend-or-skip.js";
import { combineTensors } from "./combine.js";
import { BACKENDS } from "./engine/backends.js";
import { useBackend } from "./engine/engine.js";
import { tf } from "./engine/tf.js";
import { Rng } from "./rng.js";

afterAll(() => useBackend("wasm"));

it.for(BACKENDS.map(({ name }) => name))(
  "is Σ cᵢ xᵢ to 1e-6 on %s, and leaves its inputs alone",
  async (backend, { skip }) => {
    await useBackendOrSkip(backend, skip);
    const rng = Rng.seed(7);
    const values = [0, 1, 2].map(() => rng.uniforms(35, -1, 1));
    const before = values.map((each) => each.slice());
    for (const coefficients of [
      [0.25, 0.5, 0.25],
      [1, 0, -2],
      [0, 0, 3],
      [0, 0, 0],
    ]) {
      const result = tf.tidy(() =>
        combineTensors(
          coefficients,
          values.map((each) => tf.tensor(each, [5, 7])),
        ).dataSync(),
      );
      result.forEach((value, i) => {
        const expected = coefficients.reduce((sum, c, k) => sum + c * before[k][i], 0);
        expect(Math.abs(value - expected)).toBeLessThan(1e-6);
      });
    }
    expect(values).toEqual(before);
  },
);
