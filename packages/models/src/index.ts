import { definePlugin } from "@isthmus/core";
import { mlp } from "./mlp.js";

export type { MlpOptions } from "./mlp.js";
export { mlp };

/** The plugin: registers the architecture `mlp`. */
export default definePlugin({
  name: "@isthmus/models",
  version: "0.1.0",
  setup: (registry) => registry.add("architecture", "mlp", () => mlp),
});
