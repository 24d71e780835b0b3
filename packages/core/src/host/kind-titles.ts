import type { ContributionKind } from "../contracts/plugin.js";

/** How messages and lists call a kind of contribution, in the singular. */
export const KIND_TITLES: Readonly<Record<ContributionKind, string>> = {
  architecture: "architecture",
  dataset: "data set",
  partition: "partition",
  fusion: "fusion method",
  scenario: "scenario",
  learner: "learner",
  step: "step",
  experiment: "experiment",
};
