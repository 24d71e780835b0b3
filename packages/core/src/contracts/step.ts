import type { Rng } from "../numerics/rng.js";
import type { ImageDataset } from "./dataset.js";
import type { Figure, Network } from "./fusion.js";
import type { Json, JsonObject } from "./json.js";
import { type OptionsSchema, optionsSchema, type Schema } from "./options.js";
import type { ArrayValue, Params } from "./params.js";
import type { ContributionKind, Contributions } from "./plugin.js";
import type { Progress } from "./ports.js";
import type { TrainState } from "./training.js";

/** A step as planned: plain JSON, so that it can cross to a worker or a cluster. */
export interface PlannedStep {
  /** Unique in the plan; for people, not part of the key. */
  readonly id: string;
  /** Name of a registered {@link StepKind}. */
  readonly kind: string;
  /** Fully resolved options, seed included. */
  readonly options: JsonObject;
  /** Ids of the steps whose outputs it reads, by input name, in order. */
  readonly inputs: Readonly<Record<string, readonly string[]>>;
  /** True where it trains, and so takes much longer than a step that does not; for the order of work, not part of the key. */
  readonly trains?: boolean;
}

/** A contribution that a step's result depends on: its code enters the step's key. */
export interface ContributionRef {
  readonly kind: ContributionKind;
  readonly name: string;
}

/** A data set named by a step; its digest enters the step's key. */
export interface DatasetRef {
  readonly name: string;
  readonly options: Json;
}

/** Rows of numbers and texts under named columns, for other programs: it becomes a CSV file of the results. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (number | string)[])[];
}

/** What a step leaves behind. All of it is stored under the step's key. */
export interface StepOutputs {
  readonly network?: Network;
  /** Further parameter sets: bends of a curve, the best-on-validation weights (`best`). */
  readonly extra?: Readonly<Record<string, Params>>;
  readonly arrays?: Readonly<Record<string, ArrayValue>>;
  readonly figures?: Readonly<Record<string, Figure>>;
  /** Written for people and other programs; later steps don't get them. */
  readonly tables?: Readonly<Record<string, Table>>;
  /** Final numbers, e.g. `{ "test/accuracy": 0.97 }`. */
  readonly summary?: Readonly<Record<string, number>>;
  /** Anything else worth keeping, as JSON (confusion matrix, per-class accuracy). */
  readonly details?: Json;
}

/** What a running step may use. */
export interface StepContext {
  /** `Rng` of the step's seed (`options.seed`), not yet forked. */
  readonly rng: Rng;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Resolved contributions by kind and name. */
  resolve<Kind extends ContributionKind>(kind: Kind, name: string): Promise<Contributions[Kind]>;
  /** A data set, loaded once per process. */
  dataset(ref: DatasetRef): Promise<ImageDataset>;
  /** Records a series of numbers, e.g. `{ "train/loss": .3 }` at an epoch. */
  metrics(values: Readonly<Record<string, number>>, step: number): void;
  /**
   * State that survives a crash of this step: saved atomically, dropped when the step's record is written. A step that trains
   * several times names each training, and saves the end of all but the last too (`saveEnd`).
   */
  readonly state: {
    load(training?: string): Promise<TrainState | undefined>;
    save(state: TrainState, training?: string): Promise<void>;
  };
}

/** A kind of work that plans are made of: train a network, fuse some, evaluate one. */
export interface StepKind<Options = unknown> {
  readonly name: string;
  readonly options: OptionsSchema<Options>;
  /**
   * How many networks it reads together, in `inputs.networks`: a recipe's entry of this kind is one step for all its rows, in the
   * order named, and belongs to the first. Without it, each row is evaluated by itself.
   */
  readonly together?: { readonly atLeast: number; readonly atMost?: number };
  /** Contributions and data sets that the result depends on. */
  dependencies(options: Options): {
    readonly contributions: readonly ContributionRef[];
    readonly dataset?: DatasetRef;
  };
  run(
    inputs: Readonly<Record<string, readonly StepOutputs[]>>,
    options: Options,
    context: StepContext,
  ): Promise<StepOutputs>;
}

/** Types a step kind and attaches its options' JSON schema. */
export function defineStep<Options>(
  step: Omit<StepKind<Options>, "options"> & { readonly options: Schema<Options> },
): StepKind<Options> {
  return { ...step, options: optionsSchema(step.options) };
}
