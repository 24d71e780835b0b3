import { definePlugin } from "./contracts/plugin.js";
import { fusionExperiment } from "./experiments/fusion.js";
import { evaluateStep } from "./steps/kinds/evaluate.js";
import { fuseStep } from "./steps/kinds/fuse.js";
import { importStep } from "./steps/kinds/import.js";
import { trainStep } from "./steps/kinds/train.js";

/** What core itself contributes, as a plugin like any other. Its manifest is the `isthmus` field of core's package.json. */
export default definePlugin({
  name: "@isthmus/core",
  version: "0.1.0",
  setup(registry) {
    registry.add("step", "train", () => trainStep);
    registry.add("step", "import", () => importStep);
    registry.add("step", "fuse", () => fuseStep);
    registry.add("step", "evaluate", () => evaluateStep);
    registry.add("experiment", "fusion", () => fusionExperiment);
  },
});
