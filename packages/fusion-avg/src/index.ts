import { definePlugin } from "@isthmus/core";
import { average } from "./average.js";

export type { AverageOptions } from "./average.js";
export { average };

/** The plugin: registers the fusion method `average`. */
export default definePlugin({
  name: "@isthmus/fusion-avg",
  version: "0.1.0",
  setup: (registry) => registry.add("fusion", "average", () => average),
});
