import { definePlugin } from "@isthmus/core";
import { average } from "./average.js";
import { magmax } from "./magmax.js";

export type { AverageOptions } from "./average.js";
export type { MagMaxOptions } from "./magmax.js";
export { average, magmax };

/** The plugin: registers the fusion methods `average` and `magmax`. */
export default definePlugin({
  name: "@isthmus/fusion-avg",
  version: "0.1.0",
  setup(registry) {
    registry.add("fusion", "average", () => average);
    registry.add("fusion", "magmax", () => magmax);
  },
});
