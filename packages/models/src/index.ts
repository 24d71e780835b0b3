import { definePlugin } from "@isthmus/core";
import { convnet } from "./convnet.js";
import { mlp } from "./mlp.js";
import { vgg11 } from "./vgg11.js";

export type { ConvnetOptions } from "./convnet.js";
export type { MlpOptions } from "./mlp.js";
export type { Vgg11Options } from "./vgg11.js";
export { convnet, mlp, vgg11 };

/** The plugin: registers the architectures. */
export default definePlugin({
  name: "@isthmus/models",
  version: "0.1.0",
  setup(registry) {
    registry.add("architecture", "mlp", () => mlp);
    registry.add("architecture", "convnet", () => convnet);
    registry.add("architecture", "vgg11", () => vgg11);
  },
});
