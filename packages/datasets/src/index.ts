import { definePlugin } from "@isthmus/core";
import { cifar10 } from "./cifar10.js";
import { digits } from "./digits.js";
import { mnist } from "./mnist.js";
import { share } from "./share.js";
import { specialClass } from "./special-class.js";

export type { Cifar10Options } from "./cifar10.js";
export type { DigitsOptions } from "./digits.js";
export type { MnistOptions } from "./mnist.js";
export type { ShareOptions } from "./share.js";
export type { SpecialClassOptions } from "./special-class.js";
export { cifar10, digits, mnist, share, specialClass };

/** The plugin: registers the data sets `digits`, `mnist` and `cifar10` and the partitions `special-class` and `share`. */
export default definePlugin({
  name: "@isthmus/datasets",
  version: "0.1.0",
  setup(registry) {
    registry.add("dataset", "digits", () => digits);
    registry.add("dataset", "mnist", () => mnist);
    registry.add("dataset", "cifar10", () => cifar10);
    registry.add("partition", "special-class", () => specialClass);
    registry.add("partition", "share", () => share);
  },
});
