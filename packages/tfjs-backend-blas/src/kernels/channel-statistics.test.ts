import * as tf from "@tensorflow/tfjs-core";
import { beforeEach, expect, it } from "vitest";
import { numbers, outcomeOn } from "../testing/compare.js";
import { describeWithBlas } from "../testing/with-blas.js";

const SHAPE = [3, 4, 2, 5];
const EPSILON = 1e-3;
const [x, dy, scale] = [numbers(120, 1), numbers(120, 2), numbers(5, 3)];
const run = (name: string, inputs: Record<string, tf.Tensor>, attrs = {}) =>
  tf.engine().runKernel(name, inputs, attrs) as unknown as tf.Tensor[];

/** Σ dy · x̂ · scale by the definition, in double precision. */
function pulled(values: ArrayLike<number>, factors: ArrayLike<number>): number {
  let sum = 0;
  for (let c = 0; c < 5; c++) {
    const own = Array.from(values).filter((_, i) => i % 5 === c);
    const mean = own.reduce((total, each) => total + each, 0) / own.length;
    const variance = own.reduce((total, each) => total + (each - mean) ** 2, 0) / own.length;
    own.forEach((each, n) => {
      sum += dy[5 * n + c]! * ((each - mean) / Math.sqrt(variance + EPSILON)) * factors[c]!;
    });
  }
  return sum;
}

/** Central differences of a function by each number. */
function slopes(of: Float32Array, loss: (moved: Float64Array) => number): number[] {
  const at = Float64Array.from(of);
  return Array.from(of, (value, i) => {
    at[i] = value + 1e-5;
    const above = loss(at);
    at[i] = value - 1e-5;
    const below = loss(at);
    at[i] = value;
    return (above - below) / 2e-5;
  });
}

describeWithBlas("statistics of channels", () => {
  beforeEach(() => tf.setBackend("blas"));

  it("mean and variance are those of the definition, also far from 0", async () => {
    const far = x.map((each) => each + 100);
    const [mean, variance] = await outcomeOn("blas", () =>
      run("ChannelMoments", { x: tf.tensor(far, SHAPE) }),
    );
    for (let c = 0; c < 5; c++) {
      const own = [...far].filter((_, i) => i % 5 === c);
      const m = own.reduce((sum, each) => sum + each, 0) / own.length;
      expect(mean!.values[c]).toBeCloseTo(m, 4);
      const v = own.reduce((sum, each) => sum + (each - m) ** 2, 0) / own.length;
      expect(variance!.values[c]).toBeCloseTo(v, 5);
    }
  });

  it("gradients of a normalized batch are finite differences, to 1e-5 of the largest", async () => {
    const expected = [
      slopes(x, (moved) => pulled(moved, scale)),
      slopes(scale, (moved) => pulled(x, moved)),
      [0, 1, 2, 3, 4].map((c) => dy.reduce((sum, each, i) => sum + (i % 5 === c ? each : 0), 0)),
    ];
    const found = await outcomeOn("blas", () => {
      const values = tf.tensor(x, SHAPE);
      const [mean, variance] = run("ChannelMoments", { x: values }) as [tf.Tensor, tf.Tensor];
      const inputs = { x: values, dy: tf.tensor(dy, SHAPE), mean, variance, scale: tf.tensor1d(scale) };
      return run("BatchNormalizationGradients", inputs, { epsilon: EPSILON });
    });
    expect(found.map(({ shape }) => shape)).toEqual([SHAPE, [5], [5]]);
    found.forEach(({ values }, k) => {
      const most = Math.max(...expected[k]!.map(Math.abs));
      for (let i = 0; i < values.length; i++)
        expect(Math.abs(values[i]! - expected[k]![i]!) / most).toBeLessThan(1e-5);
    });
  });

  it("refuses inputs that do not fit, by name", () => {
    tf.tidy(() => {
      const fitting = tf.zeros([5]);
      const inputs = {
        x: tf.zeros(SHAPE),
        dy: tf.zeros([3, 5]),
        mean: fitting,
        variance: fitting,
        scale: fitting,
      };
      expect(() => run("BatchNormalizationGradients", inputs, { epsilon: EPSILON })).toThrow(/"dy" has 15/);
    });
  });
});
