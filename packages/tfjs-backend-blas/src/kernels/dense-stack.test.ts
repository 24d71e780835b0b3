import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { numbers } from "../testing/compare.js";
import { describeWithBlas } from "../testing/with-blas.js";
import { crossEntropySlope } from "./cross-entropy-slope.js";
import { Workspace } from "./workspace.js";

/** Two layers with biases and one without: 6 → 5 → 4 → 3, on a batch of 7. */
const widths = [6, 5, 4, 3];
const activations = ["relu", "relu", "linear"];
const BATCH = 7;
const images = numbers(BATCH * widths[0]!, 1);
const labels = Int32Array.from({ length: BATCH }, (_, i) => (2 * i) % 3);
const kernels = [0, 1, 2].map((l) => numbers(widths[l]! * widths[l + 1]!, 10 + l));
const biases = [0, 1].map((l) => numbers(widths[l + 1]!, 20 + l));

/** Mean cross-entropy by the definition, in double precision. */
function lossOf(K: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[]): number {
  let total = 0;
  for (let row = 0; row < BATCH; row++) {
    let x = [...images.subarray(row * widths[0]!, (row + 1) * widths[0]!)];
    activations.forEach((activation, l) => {
      x = Array.from({ length: widths[l + 1]! }, (_, unit) => {
        const sum = x.reduce(
          (s, value, i) => s + value * K[l]![i * widths[l + 1]! + unit]!,
          b[l]?.[unit] ?? 0,
        );
        return activation === "relu" ? Math.max(sum, 0) : sum;
      });
    });
    total += Math.log(x.reduce((s, value) => s + Math.exp(value), 0)) - x[labels[row]!]!;
  }
  return total / BATCH;
}

/** Central differences of {@link lossOf} by every entry of one of the arrays. */
function slopes(
  which: readonly Float32Array[],
  l: number,
  loss: (changed: Float64Array[]) => number,
): number[] {
  const copies = which.map((values) => Float64Array.from(values));
  const step = 1e-5;
  return [...which[l]!].map((value, i) => {
    copies[l]![i] = value + step;
    const above = loss(copies);
    copies[l]![i] = value - step;
    const below = loss(copies);
    copies[l]![i] = value;
    return (above - below) / (2 * step);
  });
}
const kernelSlopes = kernels.map((_, l) => slopes(kernels, l, (changed) => lossOf(changed, biases)));
const biasSlopes = biases.map((_, l) => slopes(biases, l, (changed) => lossOf(kernels, changed)));

/** Inputs of the kernels, under their names. */
function inputs(): Record<string, tf.Tensor> {
  const given: Record<string, tf.Tensor> = {
    images: tf.tensor2d(images, [BATCH, widths[0]!]),
    labels: tf.tensor1d(labels, "int32"),
  };
  kernels.forEach((values, l) => {
    given[`kernel${l}`] = tf.tensor2d(values.slice(), [widths[l]!, widths[l + 1]!]);
  });
  biases.forEach((values, l) => {
    given[`bias${l}`] = tf.tensor1d(values.slice());
  });
  return given;
}
const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) => {
  expect(actual).toHaveLength(expected.length);
  for (let i = 0; i < expected.length; i++)
    expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(tolerance);
};

describeWithBlas("a stack of dense layers", () => {
  beforeAll(() => tf.setBackend("blas"));

  it("has the loss of the definition and gradients that are its differences, to 1e-4", () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const outputs = tf
        .engine()
        .runKernel("DenseStackGradients", inputs(), { activations }) as unknown as tf.Tensor[];
      const [loss, ...gradients] = outputs.map((each) => each.dataSync());
      expect(Math.abs(loss![0]! - lossOf(kernels, biases))).toBeLessThan(1e-5);
      const expected = [kernelSlopes[0], biasSlopes[0], kernelSlopes[1], biasSlopes[1], kernelSlopes[2]];
      expect(gradients).toHaveLength(expected.length);
      gradients.forEach((values, i) => {
        close(values, expected[i]!, 1e-4);
      });
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it("descends in place with momentum and weight decay, twice", () => {
    const [momentum, weightDecay, learningRate] = [0.9, 0.1, 0.05];
    tf.tidy(() => {
      const given = inputs();
      const names = ["kernel0", "bias0", "kernel1", "bias1", "kernel2"];
      for (const name of names)
        given[name.replace(/\d/, (l) => `Velocity${l}`)] = tf.fill(given[name]!.shape, 0.5);
      const first = [kernelSlopes[0], biasSlopes[0], kernelSlopes[1], biasSlopes[1], kernelSlopes[2]];
      const start = names.map((name) => given[name]!.dataSync().slice());
      const attrs = { activations, momentum, weightDecay, learningRate };
      const loss = tf.engine().runKernel("DenseStackMomentum", given, attrs) as tf.Tensor;
      expect(Math.abs(loss.dataSync()[0]! - lossOf(kernels, biases))).toBeLessThan(1e-5);
      names.forEach((name, which) => {
        const velocity = first[which]!.map((g, i) => momentum * 0.5 + g + weightDecay * start[which]![i]!);
        close(given[name.replace(/\d/, (l) => `Velocity${l}`)]!.dataSync(), velocity, 1e-4);
        close(
          given[name]!.dataSync(),
          velocity.map((v, i) => start[which]![i]! - learningRate * v),
          1e-4,
        );
      });
      const later = tf.engine().runKernel("DenseStackMomentum", given, attrs) as tf.Tensor;
      expect(later.dataSync()[0]).not.toBe(loss.dataSync()[0]);
    });
  });

  it("descends on a kernel of several blocks as by its gradient in one piece, to 1e-6", () => {
    const [momentum, weightDecay, learningRate] = [0.9, 0.1, 0.05];
    const shape: [number, number] = [1201, 1103]; // 1.3 million numbers, in blocks of at most 2¹⁹
    tf.tidy(() => {
      const kernel = numbers(shape[0] * shape[1], 40);
      const given: Record<string, tf.Tensor> = {
        images: tf.tensor2d(numbers(3 * shape[0], 41), [3, shape[0]]),
        labels: tf.tensor1d([5, 1102, 0], "int32"),
        kernel0: tf.tensor2d(kernel.slice(), shape),
      };
      const attrs = { activations: ["linear"], momentum, weightDecay, learningRate };
      const [, gradient] = tf
        .engine()
        .runKernel("DenseStackGradients", given, attrs) as unknown as tf.Tensor[];
      given.kernelVelocity0 = tf.fill(shape, 0.5);
      tf.engine().runKernel("DenseStackMomentum", given, attrs);
      const velocity = Float32Array.from(
        gradient!.dataSync(),
        (g, i) => momentum * 0.5 + g + weightDecay * kernel[i]!,
      );
      expect(gradient!.dataSync().filter((g) => Math.abs(g) > 1e-3).length).toBeGreaterThan(1000);
      const farthest = (actual: ArrayLike<number>, expected: Float32Array) =>
        expected.reduce((most, value, i) => Math.max(most, Math.abs(actual[i]! - value)), 0);
      expect(farthest(given.kernelVelocity0.dataSync(), velocity)).toBeLessThan(1e-6);
      const moved = velocity.map((v, i) => kernel[i]! - learningRate * v);
      expect(farthest(given.kernel0!.dataSync(), moved)).toBeLessThan(1e-6);
    });
  });

  it("descends along a curve: by its point's differences, times coefficients, with penalty and decay", () => {
    const [momentum, weightDecay, learningRate, penalty] = [0.9, 0.1, 0.05, 0.2];
    const coefficients = [0.25, 0.5, 0.25];
    const other = (values: Float32Array, k: number) => numbers(values.length, 30 + k + values.length);
    const pointsOf = (all: readonly Float32Array[]) => all.map((own) => [own, other(own, 1), other(own, 2)]);
    const [kernelPoints, biasPoints] = [pointsOf(kernels), pointsOf(biases)];
    const combined = (points: Float32Array[]) =>
      points[0]!.map((_, i) => coefficients.reduce((sum, c, k) => sum + c * points[k]![i]!, 0));
    const [K, b] = [kernelPoints.map(combined), biasPoints.map(combined)];
    tf.tidy(() => {
      const { images: x, labels: y } = inputs() as { images: tf.Tensor; labels: tf.Tensor };
      const given: Record<string, tf.Tensor> = { images: x, labels: y };
      const add = (name: string, points: Float32Array[], shape: number[]) => {
        points.forEach((values, k) => {
          given[`${k}/${name}`] = tf.tensor(values.slice(), shape);
          if (k > 0) given[`${k}/${name.replace(/\d/, (l) => `Velocity${l}`)}`] = tf.fill(shape, 0.5);
        });
      };
      kernelPoints.forEach((points, l) => {
        add(`kernel${l}`, points, [widths[l]!, widths[l + 1]!]);
      });
      biasPoints.forEach((points, l) => {
        add(`bias${l}`, points, [widths[l + 1]!]);
      });
      const attrs = { activations, coefficients, penalty, momentum, weightDecay, learningRate };
      const loss = tf.engine().runKernel("DenseStackCurveMomentum", given, attrs) as tf.Tensor;
      expect(Math.abs(loss.dataSync()[0]! - lossOf(K, b))).toBeLessThan(1e-5);
      const check = (name: string, points: Float32Array[], theta: Float32Array, slope: number[]) => {
        expect(given[`0/${name}`]!.dataSync()).toEqual(points[0]);
        for (const k of [1, 2]) {
          const velocity = slope.map(
            (g, i) =>
              momentum * 0.5 + coefficients[k]! * (g + penalty * theta[i]!) + weightDecay * points[k]![i]!,
          );
          close(given[`${k}/${name.replace(/\d/, (l) => `Velocity${l}`)}`]!.dataSync(), velocity, 1e-4);
          const moved = velocity.map((v, i) => points[k]![i]! - learningRate * v);
          close(given[`${k}/${name}`]!.dataSync(), moved, 1e-4);
        }
      };
      kernelPoints.forEach((points, l) => {
        check(
          `kernel${l}`,
          points,
          K[l]!,
          slopes(K, l, (changed) => lossOf(changed, b)),
        );
      });
      biasPoints.forEach((points, l) => {
        check(
          `bias${l}`,
          points,
          b[l]!,
          slopes(b, l, (changed) => lossOf(K, changed)),
        );
      });
    });
  });

  it("works on a batch of another size after that, and says what does not fit", () => {
    tf.tidy(() => {
      const given = inputs();
      const two = {
        ...given,
        images: tf.slice(given.images!, [0, 0], [2, 6]),
        labels: tf.slice(given.labels!, 0, 2),
      };
      const run = (all: Record<string, tf.Tensor>) =>
        tf.engine().runKernel("DenseStackGradients", all, { activations }) as unknown as tf.Tensor[];
      const [whole] = run(given).map((each) => each.dataSync()[0]!);
      const [part] = run(two).map((each) => each.dataSync()[0]!);
      expect(part).not.toBe(whole);
      expect(run(given)[0]!.dataSync()[0]).toBe(whole);
      expect(() => run({ ...given, kernel1: tf.zeros([4, 4]) })).toThrow(/Layer 1 has a kernel \[4,4\]/);
      expect(() => run({ ...given, labels: tf.tensor1d([0, 1], "int32") })).toThrow(/7 images, but 2 labels/);
      expect(() => run({ ...given, labels: tf.fill([BATCH], 3, "int32") })).toThrow(
        /Label 3 is none of 3 classes/,
      );
    });
  });
});

describeWithBlas("momentum and linear combinations", () => {
  beforeAll(() => tf.setBackend("blas"));

  it("v ← μ v + g + λ θ, θ ← θ - η v in place, to 1e-6", () => {
    const [theta, v, g] = [1, 2, 3].map((seed) => numbers(1001, seed)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    tf.tidy(() => {
      const [value, velocity, gradient] = [theta, v, g].map((each) => tf.tensor1d(each.slice()));
      const attrs = { momentum: 0.9, weightDecay: 0.01, learningRate: 0.1 };
      const { kernelFunc } = tf.getKernel("MomentumUpdate", "blas");
      kernelFunc({ inputs: { value, velocity, gradient }, attrs, backend: tf.backend() });
      const speed = [...theta].map((each, i) => 0.9 * v[i]! + g[i]! + 0.01 * each);
      close(velocity!.dataSync(), speed, 2e-6);
      close(
        value!.dataSync(),
        speed.map((each, i) => theta[i]! - 0.1 * each),
        2e-6,
      );
      expect(gradient!.dataSync()).toEqual(g);
    });
  });

  it("Σ cᵢ xᵢ to 1e-5, and other shapes are refused", () => {
    const x = [1, 2, 3].map((seed) => numbers(77, seed));
    const coefficients = [0.5, -2, 3];
    const run = (given: tf.NamedTensorMap) =>
      tf.tidy(() =>
        (tf.engine().runKernel("LinearCombination", given, { coefficients }) as tf.Tensor).dataSync(),
      );
    const tensors = Object.fromEntries(x.map((values, i) => [`x${i}`, tf.tensor2d(values, [7, 11])]));
    close(
      run(tensors),
      [...x[0]!].map((_, i) => 0.5 * x[0]![i]! - 2 * x[1]![i]! + 3 * x[2]![i]!),
      1e-5,
    );
    expect(() => run({ ...tensors, x1: tf.zeros([7, 10]) })).toThrow(
      /"x1" is to be float32 of shape \[7,11\]/,
    );
  });
});

it("loops in WebAssembly: ReLU keeps NaN of either sign; the mask keeps what was above 0, whatever the size", () => {
  const workspace = new Workspace([7, 7, 1, 1]);
  const values = workspace.array(0);
  const nan = new Float32Array(Int32Array.of(0x7fc00000, 0xffc00000 | 0).buffer);
  values.set([-1, 2, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, ...nan, -0.5]);
  workspace.relu(values);
  expect([...values]).toEqual([0, 2, 0, Number.POSITIVE_INFINITY, Number.NaN, Number.NaN, 0]);
  values.set([0, 2, 0, 1, 3, 0, 5]);
  const gradient = workspace.array(1).fill(-3);
  workspace.keepWherePositive(gradient, values);
  expect([...gradient]).toEqual([0, -3, 0, -3, -3, 0, -3]);
  const [x, g] = [workspace.array(2).fill(-1), workspace.array(3).fill(4)];
  workspace.relu(x);
  workspace.keepWherePositive(g, x);
  expect([x[0], g[0], values[6], gradient[6]]).toEqual([0, 0, 5, -3]);
});

it("cross-entropy is exact for logits that overflow an exponential", () => {
  const slope = new Float32Array(4);
  const loss = crossEntropySlope(Float32Array.of(1000, 0, -1000, 1000), Int32Array.of(0, 0), 2, 2, slope);
  expect(loss).toBeCloseTo(1000, 3); // 0 and 2000, halved
  expect([...slope]).toEqual([0, 0, -0.5, 0.5]);
});
