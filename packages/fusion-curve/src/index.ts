import { definePlugin } from "@isthmus/core";
import { curve } from "./curve.js";
import { curveEvaluation } from "./curve-evaluation.js";

export type { CurveOptions } from "./curve.js";
export type { CurveEvaluationOptions } from "./curve-evaluation.js";
export { barrier } from "./curve-evaluation.js";
export type { CurveSettings } from "./curve-objective.js";
export { curveObjective, joinPoints, splitPoints } from "./curve-objective.js";
export type { CurveFamily } from "./families.js";
export { curveCoefficients } from "./families.js";
export { curve, curveEvaluation };

/** The plugin: registers the fusion method `curve` and the evaluation `curve-evaluation`. */
export default definePlugin({
  name: "@isthmus/fusion-curve",
  version: "0.1.0",
  setup(registry) {
    registry.add("fusion", "curve", () => curve);
    registry.add("step", "curve-evaluation", () => curveEvaluation);
  },
});
