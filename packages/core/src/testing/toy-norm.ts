import type { Tensor } from "@tensorflow/tfjs-core";
import { z } from "zod";
import { defineArchitecture } from "../contracts/architecture.js";
import type { Model, ParameterSpec, UnitAxis } from "../contracts/model.js";
import { tf } from "../numerics/engine/tf.js";

const EPSILON = 1e-5;
const SHARE = 0.1;

/** A small network with batch normalization of its hidden layers, for what has to do with running statistics. */
export const toyNormArchitecture = defineArchitecture({
  name: "toy-norm",
  title: "Normalized toy network",
  description: "Small dense layers, each with batch normalization, for tests.",
  options: z.strictObject({ hidden: z.array(z.number().int().positive()).default([8, 5]) }),
  hasStatistics: () => true,
  build({ hidden }, task): Model {
    const widths = [task.inputShape.reduce((a, b) => a * b, 1), ...hidden, task.classes];
    const kernel = (l: number) => `kernel${l}`;
    const norm = (l: number, part: string) => `norm${l}.${part}`;
    const parts = [
      { part: "scale", role: "scale", value: 1 },
      { part: "bias", role: "bias", value: 0 },
      { part: "mean", role: "buffer", value: 0 },
      { part: "variance", role: "buffer", value: 1 },
    ] as const;
    return {
      spec: { architecture: "toy-norm", options: { hidden }, task },
      parameters: widths.slice(1).flatMap((units, l): ParameterSpec[] => [
        {
          name: kernel(l),
          shape: [widths[l], units],
          initializer: { kind: "uniform", bound: 1 / Math.sqrt(widths[l]) },
          role: "weight",
        },
        ...(l === hidden.length ? [] : parts).map(({ part, role, value }): ParameterSpec => {
          return { name: norm(l, part), shape: [units], initializer: { kind: "constant", value }, role };
        }),
      ]),
      symmetry: hidden.map((size, l) => ({
        name: `units${l}`,
        size,
        axes: [
          { parameter: kernel(l), axis: 1, side: "incoming" },
          ...parts.map(({ part }): UnitAxis => ({ parameter: norm(l, part), axis: 0, side: "incoming" })),
          { parameter: kernel(l + 1), axis: 0, side: "outgoing" },
        ],
      })),
      apply(params, images, { training, estimating = false, tap }) {
        const read = (name: string) => params.get(name) as Tensor;
        let x: Tensor = tf.reshape(images, [images.shape[0] as number, widths[0]]);
        hidden.forEach((_, l) => {
          x = tf.matMul(x, read(kernel(l)));
          let [mean, variance] = ["mean", "variance"].map((part) => read(norm(l, part)));
          if (training || estimating) {
            const count = x.shape[0] as number;
            const batch = tf.moments(x, 0);
            const report = (part: string, value: Tensor) => {
              const moved = () => tf.add(tf.mul(read(norm(l, part)), 1 - SHARE), tf.mul(value, SHARE));
              tap?.buffer?.(norm(l, part), estimating ? value : moved());
            };
            report("mean", batch.mean);
            report("variance", tf.mul(batch.variance, count / Math.max(1, count - 1)));
            ({ mean, variance } = batch);
          }
          const normal = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, EPSILON)));
          x = tf.add(tf.mul(normal, read(norm(l, "scale"))), read(norm(l, "bias")));
          tap?.activation?.(`units${l}`, "pre", x);
          x = tf.relu(x);
          tap?.activation?.(`units${l}`, "post", x);
        });
        return tf.matMul(x, read(kernel(hidden.length)));
      },
    };
  },
});

/** A normalized toy network with the given hidden sizes, for the images of `toyData`. */
export function toyNormModel(hidden: readonly number[] = [8, 5]): Model {
  return toyNormArchitecture.build({ hidden: [...hidden] }, { inputShape: [6, 6, 1], classes: 3 });
}
