import type { ResultColumn, ResultRow, Statistic } from "@isthmus/core";

/** A row as programs read it. */
export interface DocumentRow {
  readonly model: string;
  /** Seeds that `values` belong to, in order. */
  readonly seeds: readonly number[];
  /** In percent. */
  readonly accuracy?: Statistic;
  /** In nats. */
  readonly loss?: Statistic;
  /** Any other number of the evaluations, by its own name. */
  readonly metrics?: Readonly<Record<string, Statistic>>;
}

/** The results of a recipe as programs read them: the same on every start, whatever was reused. */
export interface ResultsDocument {
  readonly recipe: string;
  readonly seeds: readonly number[];
  /** Picked choices, e.g. `{ "protocol": "seed" }`. */
  readonly choices: Readonly<Record<string, string>>;
  /** What else was set on the command line, e.g. `["training.epochs=1"]`. */
  readonly settings: readonly string[];
  readonly backend: string;
  readonly rows: readonly DocumentRow[];
  /** Metrics that are shown beside accuracy and loss. */
  readonly columns?: readonly ResultColumn[];
}

/** What stands in columns of its own. */
const NAMED = new Set(["test/accuracy", "test/loss"]);

/** A row without what is said twice. */
export function documentRow({ model, seeds, accuracy, loss, metrics }: ResultRow): DocumentRow {
  const others = Object.entries(metrics).filter(([name]) => !NAMED.has(name));
  return {
    model,
    seeds,
    ...(accuracy && { accuracy }),
    ...(loss && { loss }),
    ...(others.length > 0 && { metrics: Object.fromEntries(others) }),
  };
}
