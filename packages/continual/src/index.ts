import { definePlugin } from "@isthmus/core";
import { dataIncremental } from "./scenarios/data-incremental.js";
import { domainIncremental } from "./scenarios/domain-incremental.js";
import { permuted } from "./scenarios/permuted.js";
import { rotated } from "./scenarios/rotated.js";
import { split } from "./scenarios/split.js";

export type { AccuracyMatrix, StreamMetrics } from "./metrics.js";
export { streamMetrics } from "./metrics.js";
export type { DataIncrementalOptions } from "./scenarios/data-incremental.js";
export type { DomainIncrementalOptions } from "./scenarios/domain-incremental.js";
export type { PermutedOptions } from "./scenarios/permuted.js";
export type { RotatedOptions } from "./scenarios/rotated.js";
export type { SplitOptions } from "./scenarios/split.js";
export { dataIncremental, domainIncremental, permuted, rotated, split };

/** The plugin: scenarios of continual learning. */
export default definePlugin({
  name: "@isthmus/continual",
  version: "0.1.0",
  setup(registry) {
    registry.add("scenario", "split", () => split);
    registry.add("scenario", "permuted", () => permuted);
    registry.add("scenario", "rotated", () => rotated);
    registry.add("scenario", "domain-incremental", () => domainIncremental);
    registry.add("scenario", "data-incremental", () => dataIncremental);
  },
});
