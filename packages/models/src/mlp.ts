import {
  type DenseLayer,
  defineArchitecture,
  type Model,
  type NamedShape,
  type ParameterSpec,
  sizeOf,
  type TaskShape,
  type TorchTensor,
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
  initializer: z
    .enum(["fan-in", "xavier"])
    .default("fan-in")
    .describe(
      "how weights start: all uniform on ±1/√inputs, as PyTorch's; or kernels on ±√(6/(inputs + outputs)), biases at 0 (xavier)",
    ),
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
function parametersOf(
  widths: readonly number[],
  { bias, initializer: start }: Pick<MlpOptions, "bias" | "initializer">,
): ParameterSpec[] {
  return widths.slice(1).flatMap((units, layer) => {
    const inputs = widths[layer] as number;
    const fanIn = { kind: "uniform", bound: 1 / Math.sqrt(inputs) } as const;
    const xavier = { kind: "uniform", bound: Math.sqrt(6 / (inputs + units)) } as const;
    const zero = { kind: "constant", value: 0 } as const;
    const [ofKernel, ofBias] = start === "xavier" ? [xavier, zero] : [fanIn, fanIn];
    const kernel: ParameterSpec = {
      name: kernelName(layer),
      shape: [inputs, units],
      initializer: ofKernel,
      role: "weight",
    };
    return bias
      ? [kernel, { name: biasName(layer), shape: [units], initializer: ofBias, role: "bias" }]
      : [kernel];
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

/** The state dict of a `Sequential` of a `Flatten`, then Linear and ReLU in turn: Linear is at 1, 3, 5, … */
function torchOf(layers: number, bias: boolean, { inputShape }: TaskShape): TorchTensor[] {
  return Array.from({ length: layers }, (_, layer) => {
    const onImage = layer === 0 && (inputShape[2] ?? 1) > 1;
    const weight: TorchTensor = {
      key: `${2 * layer + 1}.weight`,
      parameter: kernelName(layer),
      layout: onImage ? "linear-on-image" : "linear",
    };
    return bias
      ? [weight, { key: `${2 * layer + 1}.bias`, parameter: biasName(layer), layout: "same" } as const]
      : [weight];
  }).flat();
}

/** Images of the usual data sets, by their number of values. */
const USUAL_IMAGES: Readonly<Record<number, readonly number[]>> = { 784: [28, 28, 1], 3072: [32, 32, 3] };

/** A chain of matrices `[out, in]`, all with a bias `[out]` after them or none. */
function recognize(tensors: readonly NamedShape[], given: Partial<TaskShape>) {
  const shapes = tensors.map(({ shape }) => shape);
  const bias = shapes[1]?.length === 1;
  const weights = bias ? shapes.filter((_, i) => i % 2 === 0) : shapes;
  const isChain = weights.every(
    ([out, inputs], layer) =>
      weights[layer].length === 2 &&
      out > 0 &&
      inputs > 0 &&
      (layer === 0 || inputs === weights[layer - 1][0]) &&
      (!bias || shapes[2 * layer + 1]?.join() === String(out)),
  );
  if (weights.length === 0 || !isChain) return undefined;
  const [, inputs] = weights[0];
  const widths = weights.map(([out]) => out);
  const inputShape = given.inputShape ?? USUAL_IMAGES[inputs] ?? [inputs, 1, 1];
  const classes = given.classes ?? widths[widths.length - 1];
  if (sizeOf(inputShape) !== inputs || classes !== widths[widths.length - 1]) return undefined;
  return {
    options: { hidden: widths.slice(0, -1), bias, dropout: 0, initializer: "fan-in" as const },
    task: { inputShape, classes },
  };
}

/**
 * Multilayer perceptron: flatten, then for each hidden layer x ← relu(x K + b), last layer without relu.
 * Kernels `layers.<l>.kernel` have shape `[inputs, units]`, biases `layers.<l>.bias` `[units]`; both start uniform on
 * ±1/√inputs (PyTorch's default for Linear), or as Glorot & Bengio 2010 say. Dropout is inverted: kept activations are divided by the share kept.
 */
export const mlp = defineArchitecture({
  name: "mlp",
  title: "Multilayer perceptron",
  description: "Fully connected layers with ReLU between them.",
  options,
  recognize,
  build({ hidden, bias, dropout, initializer }, task): Model {
    const widths = [sizeOf(task.inputShape), ...hidden, task.classes];
    const last = hidden.length;
    return {
      spec: { architecture: "mlp", options: { hidden, bias, dropout, initializer }, task },
      parameters: parametersOf(widths, { bias, initializer }),
      symmetry: symmetryOf(hidden, bias),
      torch: torchOf(widths.length - 1, bias, task),
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
