import {
  type DenseLayer,
  defineArchitecture,
  type Model,
  type ParameterSpec,
  sizeOf,
  tf,
  type UnitGroup,
} from "@isthmus/core";
import { z } from "zod";
import { drop } from "./parts/dropout.js";

const options = z.strictObject({
  hidden: z
    .array(z.number().int().positive())
    .default([400, 200, 100])
    .describe("units of each hidden layer"),
  bias: z.boolean().default(false).describe("add a bias to every layer"),
  dropout: z.number().min(0).lt(1).default(0).describe("share of hidden activations set to 0 while training"),
});

/** Options of the multilayer perceptron. */
export type MlpOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface ArchitectureOptions {
    mlp: MlpOptions;
  }
}

const kernelName = (layer: number) => `layers.${layer}.kernel`;
const biasName = (layer: number) => `layers.${layer}.bias`;
const groupName = (layer: number) => `hidden.${layer}`;

/** Layer widths from input to logits; kernels have shape `[widths[l], widths[l + 1]]`. */
function parametersOf(widths: readonly number[], bias: boolean): ParameterSpec[] {
  return widths.slice(1).flatMap((units, layer) => {
    const inputs = widths[layer] as number;
    const initializer = { kind: "uniform", bound: 1 / Math.sqrt(inputs) } as const;
    const kernel: ParameterSpec = {
      name: kernelName(layer),
      shape: [inputs, units],
      initializer,
      role: "weight",
    };
    return bias ? [kernel, { name: biasName(layer), shape: [units], initializer, role: "bias" }] : [kernel];
  });
}

function symmetryOf(hidden: readonly number[], bias: boolean): UnitGroup[] {
  return hidden.map((size, layer) => ({
    name: groupName(layer),
    size,
    axes: [
      { parameter: kernelName(layer), axis: 1, side: "incoming" },
      ...(bias ? [{ parameter: biasName(layer), axis: 0, side: "incoming" } as const] : []),
      { parameter: kernelName(layer + 1), axis: 0, side: "outgoing" },
    ],
  }));
}

function stackOf(hidden: readonly number[], bias: boolean): DenseLayer[] {
  return Array.from({ length: hidden.length + 1 }, (_, layer) => ({
    kernel: kernelName(layer),
    ...(bias ? { bias: biasName(layer) } : {}),
    activation: layer === hidden.length ? "linear" : "relu",
  }));
}

/**
 * Multilayer perceptron: flatten, then for each hidden layer x ← relu(x K + b), last layer without relu.
 * Kernels `layers.<l>.kernel` have shape `[inputs, units]`, biases `layers.<l>.bias` `[units]`; both start uniform on
 * ±1/√inputs (PyTorch's default for Linear). Dropout is inverted: kept activations are divided by the share kept.
 */
export const mlp = defineArchitecture({
  name: "mlp",
  title: "Multilayer perceptron",
  description: "Fully connected layers with ReLU between them.",
  options,
  build({ hidden, bias, dropout }, task): Model {
    const widths = [sizeOf(task.inputShape), ...hidden, task.classes];
    const last = hidden.length;
    return {
      spec: { architecture: "mlp", options: { hidden, bias, dropout }, task },
      parameters: parametersOf(widths, bias),
      symmetry: symmetryOf(hidden, bias),
      ...(dropout > 0 ? {} : { stack: stackOf(hidden, bias) }),
      apply(params, images, context) {
        const read = (name: string) => params.get(name) as ReturnType<typeof tf.tensor2d>;
        let x = tf.reshape(images, [images.shape[0] as number, widths[0] as number]);
        for (let layer = 0; layer <= last; layer++) {
          let pre = tf.matMul(x, read(kernelName(layer)));
          if (bias) pre = tf.add(pre, read(biasName(layer)));
          if (layer === last) return pre;
          context.tap?.activation?.(groupName(layer), "pre", pre);
          x = tf.relu(pre);
          context.tap?.activation?.(groupName(layer), "post", x);
          x = drop(x, dropout, `dropout/${layer}`, context);
        }
        return x;
      },
    };
  },
});
