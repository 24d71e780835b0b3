import { definePlugin } from "@isthmus/core";
import { digits } from "./digits.js";
import { mnist } from "./mnist.js";
import { specialClass } from "./special-class.js";

export type { DigitsOptions } from "./digits.js";
export type { MnistOptions } from "./mnist.js";
export type { SpecialClassOptions } from "./special-class.js";
export { digits, mnist, specialClass };

/** The plugin: registers the data sets `digits` and `mnist` and the partition `special-class`. */
export default definePlugin({
  name: "@isthmus/datasets",
  version: "0.1.0",
  setup(registry) {
    registry.add("dataset", "digits", () => digits);
    registry.add("dataset", "mnist", () => mnist);
    registry.add("partition", "special-class", () => specialClass);
  },
});
