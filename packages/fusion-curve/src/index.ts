import { definePlugin } from "@isthmus/core";
import { barriers } from "./barriers.js";
import { curve } from "./curve.js";
import { path } from "./path.js";
import { plane } from "./plane.js";

export { barrier, type Profile } from "./barrier.js";
export type { BarrierOptions } from "./barriers.js";
export type { CurveOptions } from "./curve.js";
export type { CurveSettings } from "./curve-objective.js";
export { curveObjective, joinPoints, splitPoints } from "./curve-objective.js";
export type { CurveFamily } from "./families.js";
export { curveCoefficients } from "./families.js";
export type { PathOptions } from "./path.js";
export type { PlaneOptions } from "./plane.js";
export { barriers, curve, path, plane };

/** The plugin: registers the fusion method `curve` and the evaluations `path`, `plane` and `barrier`. */
export default definePlugin({
  name: "@isthmus/fusion-curve",
  version: "0.1.0",
  setup(registry) {
    registry.add("fusion", "curve", () => curve);
    registry.add("step", "path", () => path);
    registry.add("step", "plane", () => plane);
    registry.add("step", "barrier", () => barriers);
  },
});
