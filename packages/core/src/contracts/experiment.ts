import type { JsonObject } from "./json.js";
import type { ModelSpec } from "./model.js";
import { type OptionsSchema, optionsSchema, type Schema } from "./options.js";
import type { ContributionKind, Contributions } from "./plugin.js";
import type { PlannedStep } from "./step.js";

/** A trained or fused network of a plan: a row of the table, and a child run of the tracker. */
export interface PlannedNetwork {
  /** Name of the row, e.g. `joint`, `a`, `avg`. */
  readonly row: string;
  readonly seed: number;
  /** Id of the step that makes it. */
  readonly step: string;
  /** Ids of steps before it that are stages of its making: what they record belongs to its run. */
  readonly stages?: readonly string[];
  /** Ids of the steps that evaluate it; their summaries are logged into its run. */
  readonly evaluations: readonly string[];
  /** What a person would compare, dotted and flat: `{ "optimizer.learningRate": "0.07" }`. */
  readonly params: Readonly<Record<string, string>>;
  /** Provenance and grouping: method, architecture, part. */
  readonly tags: Readonly<Record<string, string>>;
}

/** A column of the results table. */
export interface ResultColumn {
  /** Number of the evaluations' summaries, e.g. `stream/forgetting`. */
  readonly metric: string;
  /** With its unit, e.g. `forgetting (%)`. */
  readonly title: string;
  /** True for shares (0…1) that are shown in percent. */
  readonly percent?: boolean;
}

/** What an experiment plans: steps in an order in which every input comes before its reader, and the networks among them. */
export interface Plan {
  readonly steps: readonly PlannedStep[];
  readonly networks: readonly PlannedNetwork[];
  /** Columns of the results table besides accuracy and loss. */
  readonly columns?: readonly ResultColumn[];
}

/** A network that was read from a file: what its weights are, not where they were found. */
export interface ImportedNetwork {
  /** SHA-256 of weights and model. */
  readonly sha256: string;
  readonly spec: ModelSpec;
}

/** What planning may use. Whatever is wrong is reported with the recipe's file and line. */
export interface PlanContext {
  readonly seeds: readonly number[];
  /** A contribution named at `path` of the recipe; an unknown name is reported there with the nearest one. */
  resolve<Kind extends ContributionKind>(
    kind: Kind,
    name: string,
    path: readonly PropertyKey[],
  ): Promise<Contributions[Kind]>;
  /** Checks the options that stand at `path` for a contribution, and fills in its defaults. */
  options(
    kind: ContributionKind,
    name: string,
    input: unknown,
    path: readonly PropertyKey[],
  ): Promise<JsonObject>;
  /**
   * Checks a value of the recipe with a schema; problems are placed below `path`. Where the value was put together from what
   * stands at `path` and, below it, at `shared`, each problem is placed where the wrong entry was written.
   */
  check<Value>(
    schema: Schema<Value>,
    value: unknown,
    path: readonly PropertyKey[],
    shared?: readonly PropertyKey[],
  ): Value;
  /** Runs checks that do not depend on each other, in order, and reports together what is wrong in any of them. */
  collect<Value>(checks: readonly (() => Value | Promise<Value>)[]): Promise<Value[]>;
  /**
   * The network in a file that is named at `path`: a step of kind `import` with these options has it as its output. The
   * architecture is needed only where the file does not tell it; its options are those that are to hold.
   */
  network(
    file: string,
    architecture: { readonly name: string; readonly options: JsonObject } | undefined,
    path: readonly PropertyKey[],
  ): Promise<ImportedNetwork>;
  /** Throws an error placed at `path`. */
  fail(path: readonly PropertyKey[], message: string, hint?: string): never;
}

/**
 * Says that a part of a recipe's schema names a contribution. Put as `contribution` on that part of the JSON schema (zod:
 * `.meta({ contribution })`), it makes editors offer the names and check the options.
 */
export interface ContributionPart {
  readonly kind: ContributionKind;
  /** Key that holds the contribution's name; without it, the value is the name. */
  readonly name?: string;
  /** Key that holds its options. */
  readonly options?: string;
}

/** A kind of recipe: checks its part of the YAML and plans steps; it never runs them. */
export interface Experiment<Body = unknown> {
  readonly name: string;
  readonly title: string;
  /** Schema of the recipe's body: everything but `name`, `title`, `experiment`, `seeds`, `choices`. */
  readonly options: OptionsSchema<Body>;
  plan(body: Body, context: PlanContext): Promise<Plan>;
}

/** Types an experiment and attaches its body's JSON schema. */
export function defineExperiment<Body>(
  experiment: Omit<Experiment<Body>, "options"> & { readonly options: Schema<Body> },
): Experiment<Body> {
  return { ...experiment, options: optionsSchema(experiment.options) };
}
