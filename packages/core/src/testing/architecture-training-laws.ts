import type { Tensor } from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { crossEntropy } from "../numerics/cross-entropy.js";
import { disposeTensors, toTensors } from "../numerics/engine/tensors.js";
import { tf } from "../numerics/engine/tf.js";
import { Rng } from "../numerics/rng.js";
import { classification, trainedNames } from "../numerics/training/classification.js";
import { type ArchitectureCase, logitsIn, wholeBatch } from "./architecture-case.js";
import { copyParams, derivativeError, leakedTensors, logitsOf } from "./measure.js";

/** Mean cross-entropy of logits as a double. */
function lossOf({ task: { classes }, data }: ArchitectureCase, logits: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < data.count; i++) {
    const row = Array.from(logits.subarray(i * classes, (i + 1) * classes));
    const max = Math.max(...row);
    sum += max + Math.log(row.reduce((z, value) => z + Math.exp(value - max), 0)) - row[data.label(i)];
  }
  return sum / data.count;
}

/** Laws of training: gradients, running statistics, memory. */
export function architectureTrainingLaws(of: ArchitectureCase): void {
  const { model, free, params, data, task } = of;
  const buffers = model.parameters.filter(({ role }) => role === "buffer").map(({ name }) => name);

  /** Values of all gradients and updates of one step. */
  const step = () => {
    const weights = toTensors(params);
    const values = (tensors: ReadonlyMap<string, Tensor> | undefined) =>
      Object.fromEntries(
        [...(tensors ?? [])].map(([name, value]) => [name, value.dataSync() as Float32Array]),
      );
    const found = tf.tidy(() => {
      const { lossAndGradients } = classification(free, params);
      const { gradients, updates } = lossAndGradients(weights, wholeBatch(data), Rng.seed(0));
      return { gradients: values(gradients), updates: values(updates) };
    });
    disposeTensors(weights);
    return found;
  };

  it("has gradients that agree with central finite differences (to 3 %, along the gradient of each parameter)", async () => {
    const { gradients } = step();
    expect(Object.keys(gradients)).toEqual(trainedNames(free));
    for (const [name, gradient] of Object.entries(gradients)) {
      const norm = Math.hypot(...gradient);
      expect(norm, name).toBeGreaterThan(0);
      const lossMovedBy = async (by: number) => {
        const shifted = copyParams(params);
        const { data: values } = shifted.get(name) as { data: Float32Array };
        for (const i of values.keys()) values[i] += (by * gradient[i]) / norm;
        return lossOf(of, logitsIn(free, shifted, data, { training: true, rng: Rng.seed(0) }));
      };
      const allowed = 0.03 * norm + 1e-4;
      expect(await derivativeError(lossMovedBy, norm, allowed), name).toBeLessThan(allowed);
    }
  });

  it("has new values for all its running statistics, and for nothing else, while training", () => {
    const { updates } = step();
    expect(new Set(Object.keys(updates))).toEqual(new Set(buffers));
    for (const name of buffers) {
      const old = params.get(name) as { data: Float32Array };
      const news = updates[name] as Float32Array;
      expect(news.every(Number.isFinite) && news.length === old.data.length, name).toBe(true);
      expect(news, name).not.toEqual(old.data);
    }
  });

  it.runIf(buffers.length > 0)("normalizes by running statistics when it is not training", () => {
    const [training, not] = [true, false].map((training) => logitsIn(free, params, data, { training }));
    expect(training).not.toEqual(not);
  });

  it("leaves no tensor behind, nor does a step of its training", async () => {
    expect(await leakedTensors(() => logitsOf(model, params, data))).toBe(0);
    const work = async () => {
      const weights = toTensors(params);
      tf.tidy(() => {
        classification(model, params).lossAndGradients(weights, wholeBatch(data), Rng.seed(0));
      });
      disposeTensors(weights);
    };
    expect(await leakedTensors(work)).toBe(0);
  });

  it("has a loss that core's cross-entropy computes as well", async () => {
    const logits = await logitsOf(model, params, data);
    const loss = tf.tidy(() =>
      crossEntropy(
        tf.tensor2d(logits, [data.count, task.classes]),
        tf.tensor1d(Int32Array.from({ length: data.count }, (_, i) => data.label(i))),
      ).dataSync(),
    )[0];
    expect(loss).toBeCloseTo(lossOf(of, logits), 4);
  });
}
