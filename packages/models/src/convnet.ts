import { defineArchitecture, type Model, type TaskShape, type tf } from "@isthmus/core";
import { z } from "zod";
import { drop } from "./parts/dropout.js";
import { mapOf } from "./parts/images.js";
import { activate, type Layer, Layers, type Units } from "./parts/layers.js";
import { activateAndPool } from "./parts/max-pool.js";
import { outlineOf, usualSide, verified } from "./parts/recognize.js";
import { scaled } from "./parts/widths.js";

const sizes = z.array(z.number().int().positive());
const options = z.strictObject({
  channels: sizes.min(1).default([32, 64]).describe("channels of each convolution; each halves the map"),
  hidden: sizes.default([128]).describe("units of each dense layer before the last"),
  width: z.number().positive().default(1).describe("factor of all channels and units"),
  bias: z.boolean().default(false).describe("add a bias to every layer"),
  batchNorm: z.boolean().default(false).describe("normalize the batch after every convolution"),
  dropout: z.number().min(0).lt(1).default(0).describe("share of dense activations set to 0 while training"),
});

/** Options of the small convolutional network. */
export type ConvnetOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface ArchitectureOptions {
    convnet: ConvnetOptions;
  }
}

function build(resolved: ConvnetOptions, task: TaskShape): Model {
  const { channels, hidden, width, bias, batchNorm, dropout } = resolved;
  const halvings = 2 ** channels.length;
  const image = mapOf("convnet", task, halvings);
  const layers = new Layers();
  let units: Units = { size: image.channels };
  const blocks = channels.map((size, l): Layer => {
    const name = `conv.${l}`;
    const module = l * (batchNorm ? 4 : 3); // convolution, normalization, ReLU, pooling
    const to = layers.units(name, scaled(size, width));
    const conv = layers.conv({ name, key: `features.${module}`, from: units, to, bias });
    const norm = batchNorm ? layers.norm(`${name}.norm`, `features.${module + 1}`, to) : undefined;
    units = to;
    return (x, pass) => {
      const y = conv(x, pass);
      return activateAndPool(to, norm === undefined ? y : norm(y, pass), pass.context);
    };
  });
  const map = [Math.floor(image.height / halvings), Math.floor(image.width / halvings)] as const;
  const dense = [...hidden.map((size) => scaled(size, width)), task.classes].map((size, l): Layer => {
    const name = `dense.${l}`;
    const last = l === hidden.length;
    const to = last ? { size } : layers.units(name, size);
    const module = l * (dropout > 0 ? 3 : 2); // dense layer, ReLU, dropout
    const own = { name, key: `classifier.${module}`, from: units, to, bias };
    const product = l === 0 ? layers.denseOnMap(own, map) : layers.dense(own);
    units = to;
    return (x, pass) => {
      const y = product(x, pass);
      return last ? y : drop(activate(to, y, pass.context), dropout, `dropout/${l}`, pass.context);
    };
  });
  return {
    spec: { architecture: "convnet", options: resolved, task },
    parameters: layers.parameters,
    symmetry: layers.symmetry,
    torch: layers.torch,
    apply(params, images, context) {
      const pass = { params, context };
      return [...blocks, ...dense].reduce<tf.Tensor>((x, layer) => layer(x, pass), images);
    },
  };
}

/**
 * A small convolutional network: for each of `channels` a 3 × 3 convolution, ReLU and the largest of each 2 × 2 pixels; then dense
 * layers with ReLU between them. Kernels `conv.<l>.kernel` have shape `[3, 3, in, out]`, `dense.0.kernel` `[height, width, in, out]`
 * of the last map, those after it `[in, out]`. Dropout is inverted: kept activations are divided by the share kept.
 */
export const convnet = defineArchitecture({
  name: "convnet",
  title: "Small convolutional network",
  description: "A few convolutions with pooling, then dense layers.",
  options,
  build,
  hasStatistics: ({ batchNorm }) => batchNorm,
  recognize(tensors, given) {
    const outline = outlineOf(tensors);
    if (outline === undefined) return undefined;
    const { convolutions, channels, dense, classes, bias, batchNorm } = outline;
    const halvings = 2 ** convolutions.length;
    const map = Math.round(Math.sqrt((dense[0]?.[1] as number) / (convolutions.at(-1) as number)));
    const usual = usualSide(channels);
    const side = Math.floor(usual / halvings) === map ? usual : map * halvings;
    const hidden = dense.slice(0, -1).map(([units]) => units);
    const own = { channels: [...convolutions], hidden, width: 1, bias, batchNorm, dropout: 0 };
    const task = { inputShape: [side, side, channels], classes, ...given };
    return verified(build, { options: own, task }, tensors);
  },
});
