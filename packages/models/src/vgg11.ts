import { defineArchitecture, type Model, type TaskShape, type tf } from "@isthmus/core";
import { z } from "zod";
import { mapOf } from "./parts/images.js";
import { activate, type Layer, Layers, type Units } from "./parts/layers.js";
import { activateAndPool } from "./parts/max-pool.js";
import { outlineOf, verified } from "./parts/recognize.js";
import { scaled, widthBetween } from "./parts/widths.js";

const options = z.strictObject({
  width: z.number().positive().default(1).describe("factor of the number of units of every layer"),
  bias: z.boolean().default(false).describe("add a bias to every layer"),
  batchNorm: z.boolean().default(false).describe("normalize the batch after every convolution"),
});

/** Options of VGG-11. */
export type Vgg11Options = z.output<typeof options>;

declare module "@isthmus/core" {
  interface ArchitectureOptions {
    vgg11: Vgg11Options;
  }
}

/** Channels of the convolutions, and whether the map is halved after each. */
const CONVOLUTIONS = [
  { channels: 64, pool: true },
  { channels: 128, pool: true },
  { channels: 256, pool: false },
  { channels: 256, pool: true },
  { channels: 512, pool: false },
  { channels: 512, pool: true },
  { channels: 512, pool: false },
  { channels: 512, pool: true },
];

/** Images have to survive five halvings. */
const SIDE = 32;

function build({ width, bias, batchNorm }: Vgg11Options, task: TaskShape): Model {
  const image = mapOf("vgg11", task, SIDE);
  const layers = new Layers();
  let units: Units = { size: image.channels };
  let module = 0; // PyTorch's number of the module within `features`
  const blocks = CONVOLUTIONS.map(({ channels, pool }, l): Layer => {
    const name = `conv.${l}`;
    const to = layers.units(name, scaled(channels, width));
    const conv = layers.conv({ name, key: `features.${module++}`, from: units, to, bias });
    const norm = batchNorm ? layers.norm(`${name}.norm`, `features.${module++}`, to) : undefined;
    module += pool ? 2 : 1;
    units = to;
    return (x, pass) => {
      const y = conv(x, pass);
      return (pool ? activateAndPool : activate)(to, norm === undefined ? y : norm(y, pass), pass.context);
    };
  });
  const map = [Math.floor(image.height / SIDE), Math.floor(image.width / SIDE)] as const;
  const to = { size: task.classes };
  const classifier = layers.denseOnMap({ name: "classifier", key: "classifier", from: units, to, bias }, map);
  return {
    spec: { architecture: "vgg11", options: { width, bias, batchNorm }, task },
    parameters: layers.parameters,
    symmetry: layers.symmetry,
    torch: layers.torch,
    apply(params, images, context) {
      const pass = { params, context };
      const features = blocks.reduce<tf.Tensor>((x, block) => block(x, pass), images);
      return classifier(features, pass);
    },
  };
}

/**
 * VGG-11 (Simonyan & Zisserman 2015, arXiv 1409.1556) as it is used for CIFAR: eight 3 × 3 convolutions of 64, 128, 256, 256, 512,
 * 512, 512, 512 channels with ReLU, the map halved by its largest values after the first, second, fourth, sixth and last, then one
 * dense layer. Kernels `conv.<l>.kernel` have shape `[3, 3, in, out]`, `classifier.kernel` `[height, width, 512, classes]` of the
 * last map, which is 1 × 1 for images of 32 × 32.
 */
export const vgg11 = defineArchitecture({
  name: "vgg11",
  title: "VGG-11",
  description: "Eight convolutions in five stages of halved resolution, for images of 32 × 32 and larger.",
  options,
  build,
  hasStatistics: ({ batchNorm }) => batchNorm,
  recognize(tensors, given) {
    const outline = outlineOf(tensors);
    if (outline === undefined || outline.convolutions.length !== CONVOLUTIONS.length) return undefined;
    const { convolutions, channels, dense, classes, bias, batchNorm } = outline;
    const width = widthBetween(
      CONVOLUTIONS.map((each) => each.channels),
      convolutions,
    );
    if (width === undefined || dense.length !== 1) return undefined;
    const side = SIDE * Math.round(Math.sqrt(dense[0][1] / (convolutions.at(-1) as number)));
    const task = { inputShape: [side, side, channels], classes, ...given };
    return verified(build, { options: { width, bias, batchNorm }, task }, tensors);
  },
});
