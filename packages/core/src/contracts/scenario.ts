import type { Rng } from "../numerics/rng.js";
import type { ImageDataset } from "./dataset.js";
import type { LabeledData } from "./labeled-data.js";
import { type OptionsSchema, optionsSchema, type Schema } from "./options.js";

/** Options per scenario name; plugins add theirs by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by plugins through declaration merging
export interface ScenarioOptions {}

/** One task of a stream (an experience). Its data are views: nothing is copied until a batch is made. */
export interface Task {
  /** Place in the stream, from 0. */
  readonly index: number;
  /** For people: `0, 1`, or `45°`. */
  readonly name: string;
  /** Classes that occur in it, ascending: what has to be told apart by those who know which task it is. */
  readonly classes: readonly number[];
  /** All tasks of a stream have the same number of classes, seen or not: the head of a network never grows. */
  readonly train: LabeledData;
  readonly test: LabeledData;
}

/** A way to make a stream of tasks out of a data set. */
export interface Scenario<Options = unknown> {
  readonly name: string;
  readonly title: string;
  /** One sentence. */
  readonly description: string;
  readonly paper?: { readonly title: string; readonly url: string };
  readonly options: OptionsSchema<Options>;
  /** Number of tasks, told before the data is loaded: plans are made of it. */
  tasks(options: Options): number;
  /**
   * The tasks in the order in which they are learned, as many as `tasks` says. All chance comes from `rng`, which is the same for
   * every step of a seed.
   *
   * @throws `scenario/…` where the data set can't be dealt out so
   */
  stream(dataset: ImageDataset, options: Options, rng: Rng): readonly Task[];
}

/** Types a scenario and attaches its options' JSON schema. */
export function defineScenario<Options>(
  scenario: Omit<Scenario<Options>, "options"> & { readonly options: Schema<Options> },
): Scenario<Options> {
  return { ...scenario, options: optionsSchema(scenario.options) };
}
