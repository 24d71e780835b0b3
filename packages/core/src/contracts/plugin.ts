import type { Architecture } from "./architecture.js";
import type { Dataset, Partition } from "./dataset.js";
import type { Experiment } from "./experiment.js";
import type { FusionMethod } from "./fusion.js";
import type { Learner } from "./learner.js";
import type { Scenario } from "./scenario.js";
import type { StepKind } from "./step.js";

/** What plugins can contribute, by kind. */
export interface Contributions {
  readonly architecture: Architecture;
  readonly dataset: Dataset;
  readonly partition: Partition;
  readonly fusion: FusionMethod;
  readonly scenario: Scenario;
  readonly learner: Learner;
  readonly step: StepKind;
  readonly experiment: Experiment;
}

/** A kind of contribution. */
export type ContributionKind = keyof Contributions;

/** All kinds, in the order in which they are listed to people. */
export const CONTRIBUTION_KINDS: readonly ContributionKind[] = [
  "architecture",
  "dataset",
  "partition",
  "fusion",
  "scenario",
  "learner",
  "step",
  "experiment",
];

/** Version of the contract between core and plugins; a plugin's manifest names the one it was written for. */
export const PLUGIN_API_VERSION = 1;

/** The `isthmus` field of a plugin's package.json. */
export interface PluginManifest {
  readonly apiVersion: number;
  /** Kind → name → built file that holds the contribution, relative to the package. */
  readonly provides: Readonly<Partial<Record<ContributionKind, Readonly<Record<string, string>>>>>;
}

/** Takes what a plugin contributes. Factories run at most once, when the contribution is first used. */
export interface PluginRegistry {
  add<Kind extends ContributionKind>(
    kind: Kind,
    name: string,
    // biome-ignore lint/suspicious/noExplicitAny: options types differ per contribution; the schema guards them at run time
    factory: () => ContributionOf<Kind, any>,
  ): void;
}

/** A contribution of a kind with its own options type. */
export type ContributionOf<Kind extends ContributionKind, Options> = {
  architecture: Architecture<Options>;
  dataset: Dataset<Options>;
  partition: Partition<Options>;
  fusion: FusionMethod<Options>;
  scenario: Scenario<Options>;
  learner: Learner<Options>;
  step: StepKind<Options>;
  experiment: Experiment<Options>;
}[Kind];

/** A plugin: the default export of its package. */
export interface Plugin {
  readonly name: string;
  readonly version: string;
  setup(registry: PluginRegistry): void;
}

/**
 * Types a plugin.
 *
 * @example
 * export default definePlugin({
 *   name: "@me/isthmus-median", version: "1.0.0",
 *   setup: (registry) => registry.add("fusion", "median", () => median),
 * });
 */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
