import { definePlugin } from "@isthmus/core";
import { ot } from "./ot.js";

export type { OtOptions } from "./options.js";
export { otOptions } from "./options.js";
export { ot } from "./ot.js";
export type { Assignment } from "./solvers/assignment.js";
export { assignment } from "./solvers/assignment.js";
export { exactPlan } from "./solvers/exact-plan.js";
export type { SinkhornSettings, SinkhornTransport } from "./solvers/sinkhorn.js";
export { sinkhorn } from "./solvers/sinkhorn.js";
export type { Transport } from "./solvers/transport.js";
export { transport } from "./solvers/transport.js";
export type { UnbalancedSettings, UnbalancedTransport } from "./solvers/unbalanced.js";
export { unbalanced } from "./solvers/unbalanced.js";

/** The plugin: contributes the fusion method `ot`. */
export default definePlugin({
  name: "@isthmus/fusion-ot",
  version: "0.1.0",
  setup: (registry) => registry.add("fusion", "ot", () => ot),
});
