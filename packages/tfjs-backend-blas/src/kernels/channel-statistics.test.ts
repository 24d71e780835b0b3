import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { numbers, outcomeOn } from "../testing/compare.js";
import { describeWithBlas } from "../testing/with-blas.js";

const SHAPE = [3, 4, 2, 5];
const EPSILON = 1e-3;
const [x, dy, scale] = [numbers(120, 1), numbers(120, 2), numbers(5, 3)];
const run = (name: string, inputs: Record<string, tf.Tensor>, attrs = {}) =>
  tf.engine().runKernel(name, inputs, attrs) as unknown as tf.Tensor[];

/** The same by TensorFlow.js' own operations, differentiated through mean and variance. */
const byDefinition = () => {
  const normalized = (values: tf.Tensor, factor: tf.Tensor, bias: tf.Tensor) => {
    const { mean, variance } = tf.moments(values, [0, 1, 2]);
    const off = tf.div(tf.sub(values, mean), tf.sqrt(tf.add(variance, EPSILON)));
    return tf.add(tf.mul(off, factor), bias);
  };
  const given = [tf.tensor(x, SHAPE), tf.tensor1d(scale), tf.zeros([5])];
  const pulled = (...args: tf.Tensor[]) =>
    tf.sum(tf.mul(normalized(args[0]!, args[1]!, args[2]!), tf.tensor(dy, SHAPE)));
  return tf.grads(pulled)(given);
};

describeWithBlas("statistics of channels", () => {
  beforeAll(() => tf.setBackend("blas"));

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

  it("gradients of a normalized batch are those of automatic differentiation, to 1e-5 of the largest", async () => {
    const expected = await outcomeOn("cpu", byDefinition);
    const found = await outcomeOn("blas", () => {
      const values = tf.tensor(x, SHAPE);
      const [mean, variance] = run("ChannelMoments", { x: values }) as [tf.Tensor, tf.Tensor];
      const inputs = { x: values, dy: tf.tensor(dy, SHAPE), mean, variance, scale: tf.tensor1d(scale) };
      return run("BatchNormalizationGradients", inputs, { epsilon: EPSILON });
    });
    found.forEach(({ shape, values }, k) => {
      expect(shape).toEqual(expected[k]!.shape);
      const most = Math.max(...Array.from(expected[k]!.values, Math.abs));
      for (let i = 0; i < values.length; i++)
        expect(Math.abs(values[i]! - expected[k]!.values[i]!) / most).toBeLessThan(1e-5);
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
