import { definePlugin } from "@isthmus/core";
import { convnet } from "./convnet.js";
import { lstm } from "./lstm.js";
import { mlp } from "./mlp.js";
import { resnet18 } from "./resnet18.js";
import { rnn } from "./rnn.js";
import { vgg11 } from "./vgg11.js";

export type { ConvnetOptions } from "./convnet.js";
export type { LstmOptions } from "./lstm.js";
export type { MlpOptions } from "./mlp.js";
export type { Resnet18Options } from "./resnet18.js";
export type { RnnOptions } from "./rnn.js";
export type { Vgg11Options } from "./vgg11.js";
export { convnet, lstm, mlp, resnet18, rnn, vgg11 };

/** The plugin: registers the architectures. */
export default definePlugin({
  name: "@isthmus/models",
  version: "0.1.0",
  setup(registry) {
    registry.add("architecture", "mlp", () => mlp);
    registry.add("architecture", "convnet", () => convnet);
    registry.add("architecture", "vgg11", () => vgg11);
    registry.add("architecture", "resnet18", () => resnet18);
    registry.add("architecture", "rnn", () => rnn);
    registry.add("architecture", "lstm", () => lstm);
  },
});
