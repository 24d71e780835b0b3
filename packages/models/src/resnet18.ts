import { defineArchitecture, type Model, type TaskShape, tf } from "@isthmus/core";
import { z } from "zod";
import { mapOf } from "./parts/images.js";
import { activate, type KernelOptions, type Layer, Layers, type Units } from "./parts/layers.js";
import { outlineOf, usualSide, verified } from "./parts/recognize.js";
import { scaled, widthBetween } from "./parts/widths.js";

const options = z.strictObject({
  width: z.number().positive().default(1).describe("factor of the number of units of every layer"),
  bias: z
    .boolean()
    .default(false)
    .describe("add a bias to the last layer, and to convolutions that no normalization follows"),
  batchNorm: z.boolean().default(true).describe("normalize the batch after every convolution"),
});

/** Options of ResNet-18. */
export type Resnet18Options = z.output<typeof options>;

declare module "@isthmus/core" {
  interface ArchitectureOptions {
    resnet18: Resnet18Options;
  }
}

/** Channels of the stages, of two blocks each; all but the first halve the map. */
const STAGES = [64, 128, 256, 512];

/** Channels of all convolutions in PyTorch's order: stem, then block by block both convolutions and the shortcut where there is one. */
const CONVOLUTIONS = [64, ...STAGES.flatMap((c, s) => (s === 0 ? [c, c, c, c] : [c, c, c, c, c]))];

function build({ width, bias, batchNorm }: Resnet18Options, task: TaskShape): Model {
  const image = mapOf("resnet18", task);
  const layers = new Layers();
  /** A convolution and its normalization, under PyTorch's keys for both. */
  const conv = (
    own: Omit<KernelOptions, "bias">,
    normKey: string,
    walk: { readonly size?: 1 | 3; readonly stride: 1 | 2 },
  ): Layer => {
    const product = layers.conv({ ...own, ...walk, bias: bias && !batchNorm });
    if (!batchNorm) return product;
    const norm = layers.norm(`${own.name}.norm`, normKey, own.to);
    return (x, pass) => norm(product(x, pass), pass);
  };

  let stream = layers.units("layer1", scaled(STAGES[0], width));
  const from: Units = { size: image.channels };
  const stem = conv({ name: "stem", key: "conv1", from, to: stream }, "bn1", { stride: 1 });
  const blocks = STAGES.flatMap((channels, s) => [0, 1].map((b) => ({ channels, s, b }))).map(
    ({ channels, s, b }): Layer => {
      const name = `layer${s + 1}.${b}`;
      const widens = s > 0 && b === 0;
      const stride = widens ? 2 : 1;
      const before = stream;
      const inner = layers.units(name, scaled(channels, width));
      const first = conv(
        { name: `${name}.conv1`, key: `${name}.conv1`, from: before, to: inner },
        `${name}.bn1`,
        { stride },
      );
      const to = widens ? layers.units(`layer${s + 1}`, scaled(channels, width)) : before;
      const second = conv({ name: `${name}.conv2`, key: `${name}.conv2`, from: inner, to }, `${name}.bn2`, {
        stride: 1,
      });
      const shortcut = widens
        ? conv(
            { name: `${name}.shortcut`, key: `${name}.shortcut.0`, from: before, to },
            `${name}.shortcut.1`,
            { size: 1, stride },
          )
        : (x: tf.Tensor) => x;
      stream = to;
      return (x, pass) => {
        const hidden = activate(inner, first(x, pass), pass.context);
        return activate(to, tf.add(second(hidden, pass), shortcut(x, pass)), pass.context);
      };
    },
  );
  const stemUnits = { group: "layer1", size: scaled(STAGES[0], width) };
  const classifier = layers.dense({
    name: "classifier",
    key: "linear",
    from: stream,
    to: { size: task.classes },
    bias,
  });
  return {
    spec: { architecture: "resnet18", options: { width, bias, batchNorm }, task },
    parameters: layers.parameters,
    symmetry: layers.symmetry,
    torch: layers.torch,
    apply(params, images, context) {
      const pass = { params, context };
      const start = activate(stemUnits, stem(images, pass), context);
      const features = blocks.reduce<tf.Tensor>((x, block) => block(x, pass), start);
      return classifier(tf.mean(features, [1, 2]), pass);
    },
  };
}

/**
 * ResNet-18 (He et al. 2016, arXiv 1512.03385) as it is used for CIFAR: a 3 × 3 convolution, no pooling after it; four stages of two
 * blocks with 64, 128, 256 and 512 channels, the map halved at the start of the last three; the mean of the last map; one dense layer.
 * A block is x ← relu(conv2(relu(conv1(x))) + x), a 1 × 1 convolution standing in for the last x where channels change.
 *
 * Every stage has one group of units for its residual stream, `layer<s>`, which each block adds to and `tap` sees after each, and
 * one for the inside of each block, `layer<s>.<b>`. Kernels have shape `[height, width, in, out]`, the last `[512, classes]`.
 */
export const resnet18 = defineArchitecture({
  name: "resnet18",
  title: "ResNet-18",
  description: "Eight residual blocks in four stages of halved resolution.",
  options,
  build,
  hasStatistics: ({ batchNorm }) => batchNorm,
  recognize(tensors, given) {
    const outline = outlineOf(tensors);
    if (outline === undefined || outline.convolutions.length !== CONVOLUTIONS.length) return undefined;
    const { convolutions, channels, classes, bias, batchNorm } = outline;
    const width = widthBetween(CONVOLUTIONS, convolutions);
    if (width === undefined) return undefined;
    const side = usualSide(channels);
    const task = { inputShape: [side, side, channels], classes, ...given };
    return verified(build, { options: { width, bias, batchNorm }, task }, tensors);
  },
});
