import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { expectSameAsCpu, numbers, outcomeOn, tensor } from "../testing/compare.js";
import { describeWithBlas } from "../testing/with-blas.js";

/** A shape, and two that broadcast to it: axes left out in front, or of length 1. */
const broadcasting = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 5 }).chain((shape) => {
  const part = fc
    .tuple(
      fc.nat({ max: shape.length }),
      fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }),
    )
    .map(([drop, ones]) => shape.map((length, axis) => (ones[axis] ? 1 : length)).slice(drop));
  return fc.tuple(part, part);
});

const BINARY: [string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor][] = [
  ["add", tf.add],
  ["sub", tf.sub],
  ["mul", tf.mul],
  ["div", tf.div],
  ["maximum", tf.maximum],
  ["minimum", tf.minimum],
  ["squaredDifference", tf.squaredDifference],
  ["prelu", tf.prelu],
  ["greater", tf.greater],
  ["greaterEqual", tf.greaterEqual],
  ["less", tf.less],
  ["lessEqual", tf.lessEqual],
  ["equal", tf.equal],
  ["notEqual", tf.notEqual],
];

const UNARY: [string, (x: tf.Tensor) => tf.Tensor][] = [
  ["relu", tf.relu],
  ["relu6", tf.relu6],
  ["elu", tf.elu],
  ["leakyRelu", (x: tf.Tensor) => tf.leakyRelu(x, 0.3)],
  ["step", tf.step],
  ["step with a slope", (x: tf.Tensor) => tf.step(x, -0.75)],
  ["clipByValue", (x: tf.Tensor) => tf.clipByValue(x, -0.5, 0.5)],
  ["sigmoid", tf.sigmoid],
  ["tanh", tf.tanh],
  ["exp", tf.exp],
  ["log", tf.log],
  ["sqrt", tf.sqrt],
  ["rsqrt", tf.rsqrt],
  ["square", tf.square],
  ["neg", tf.neg],
  ["abs", tf.abs],
  ["reciprocal", tf.reciprocal],
  ["zerosLike", tf.zerosLike],
  ["cast to bool", (x: tf.Tensor) => tf.cast(x, "bool")],
  ["cast from int32", (x: tf.Tensor) => tf.cast(tf.cast(tf.clipByValue(x, -9, 9), "int32"), "float32")],
  ["softmax", (x: tf.Tensor) => tf.softmax(tf.reshape(x, [-1, 8]))],
  ["logSoftmax", (x: tf.Tensor) => tf.logSoftmax(tf.reshape(x, [-1, 8]))],
];

describeWithBlas("elementwise kernels", () => {
  for (const [name, op] of BINARY) {
    it(`${name} agrees with the cpu backend however the shapes broadcast, NaN and infinities included`, async () => {
      await fc.assert(
        fc.asyncProperty(broadcasting, async ([a, b]) => {
          await expectSameAsCpu(() => op(tensor(a, 1, 0.1), tensor(b, 2, 0.1)));
        }),
        { numRuns: 40 },
      );
    });

    it(`${name} agrees with the cpu backend for large arrays, equal shapes and single numbers`, async () => {
      await expectSameAsCpu(() => {
        const a = tensor([50, 60], 1, 0.05);
        return [
          op(a, tensor([50, 60], 2, 0.05)),
          op(a, tf.scalar(-1.5)),
          op(tf.scalar(0), a),
          op(a, tf.scalar(Number.NaN)),
        ];
      });
    });
  }

  for (const [name, op] of UNARY) {
    it(`${name} agrees with the cpu backend, NaN and infinities included`, async () => {
      await expectSameAsCpu(() => [
        op(tensor([10, 8], 1)),
        op(tensor([16, 40, 8], 2, 0.2)),
        op(tensor([0, 8], 3)),
      ]);
    });
  }

  it("ReluGradient lets through where the result is positive, and refuses two sizes", async () => {
    const [dy, y] = [numbers(5001, 1, 0.05), numbers(5001, 2, 0.05)];
    const run = (inputs: tf.NamedTensorMap) =>
      tf.engine().runKernel("ReluGradient", inputs) as unknown as tf.Tensor;
    const [outcome] = await outcomeOn("blas", () => run({ dy: tf.tensor1d(dy), y: tf.tensor1d(y) }));
    expect(Array.from(outcome!.values, (value) => value + 0)).toEqual(
      Array.from(dy, (value, i) => (y[i]! > 0 ? value + 0 : 0)),
    );
    tf.tidy(() => {
      expect(() => run({ dy: tf.zeros([4]), y: tf.zeros([5]) })).toThrow(/"dy" has 4 numbers, "y" has 5/);
    });
  });

  it("the bits of NaN do not matter to relu and step", async () => {
    const bits = new Int32Array([
      0x7fc00000,
      0xffc00000 | 0,
      0x7f800001,
      0xff800001 | 0,
      0xff800000 | 0,
      0x80000000 | 0,
    ]);
    const x = () => tf.tensor1d(new Float32Array(bits.buffer.slice(0)));
    await expectSameAsCpu(() => [tf.relu(x()), tf.step(x(), 0.5)]);
  });

  it("a tensor that is a part of another is read where it lies", async () => {
    await expectSameAsCpu(() => {
      const part = tf.slice(tensor([60, 40], 1), [7, 0], [50, 40]);
      return [tf.relu(part), tf.add(part, part), tf.mul(part, 2), tf.matMul(part, part, false, true)];
    });
  });

  it("other types are left to the cpu backend", async () => {
    await expectSameAsCpu(() => {
      const a = tf.tensor1d([1, -2, 3], "int32");
      return [
        tf.add(a, a),
        tf.relu(a),
        tf.sum(a),
        tf.max(a),
        tf.greater(a, 0),
        tf.mean(a),
        tf.cast(a, "bool"),
      ];
    });
  });
});
