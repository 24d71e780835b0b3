import type { Plan, PlannedNetwork } from "../contracts/experiment.js";
import type { StepRecord } from "./record.js";

/** A number measured once per seed. */
export interface Statistic {
  readonly mean: number;
  /** Population standard deviation (divides by n): what papers of this field print. */
  readonly std: number;
  /** In the order of the row's seeds. */
  readonly values: readonly number[];
}

/** A row of the results table. */
export interface ResultRow {
  readonly model: string;
  /** Seeds that have been evaluated, in the plan's order. */
  readonly seeds: readonly number[];
  /** `test/accuracy`, in percent. */
  readonly accuracy?: Statistic;
  /** `test/loss`, in nats. */
  readonly loss?: Statistic;
  /** Every number of the evaluations by its own name and in its own unit (accuracies 0…1). */
  readonly metrics: Readonly<Record<string, Statistic>>;
}

/** The key under which an evaluation's number is filed: as it is, or under `test/` where it names no group. */
export function metricKey(name: string): string {
  return name.includes("/") ? name : `test/${name}`;
}

/** Mean and population standard deviation. */
export function statistic(values: readonly number[]): Statistic {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, std: Math.sqrt(variance), values };
}

/** In percent, without the noise that binary fractions leave behind the twelfth digit (100 · 0.839 is 83.89999999999999). */
function inPercent({ values }: Statistic): Statistic {
  return statistic(values.map((value) => Number((100 * value).toPrecision(12))));
}

/** All numbers of a network's evaluations; undefined while one of them is missing. */
function evaluated(
  network: PlannedNetwork,
  records: ReadonlyMap<string, StepRecord>,
): Readonly<Record<string, number>> | undefined {
  const values: Record<string, number> = {};
  for (const id of network.evaluations) {
    const record = records.get(id);
    if (record === undefined) return undefined;
    for (const [name, value] of Object.entries(record.summary)) values[metricKey(name)] = value;
  }
  return network.evaluations.length === 0 ? undefined : values;
}

function resultRow(
  model: string,
  networks: readonly PlannedNetwork[],
  records: ReadonlyMap<string, StepRecord>,
): ResultRow {
  const seeds: number[] = [];
  const series = new Map<string, number[]>();
  for (const network of networks) {
    const values = evaluated(network, records);
    if (values === undefined) continue;
    seeds.push(network.seed);
    for (const [key, value] of Object.entries(values)) series.set(key, [...(series.get(key) ?? []), value]);
  }
  const metrics = Object.fromEntries([...series].map(([key, values]) => [key, statistic(values)]));
  const { "test/accuracy": accuracy, "test/loss": loss } = metrics;
  return {
    model,
    seeds,
    metrics,
    ...(accuracy === undefined ? {} : { accuracy: inPercent(accuracy) }),
    ...(loss === undefined ? {} : { loss }),
  };
}

/**
 * The results table of a plan: its rows in the plan's order, each over the seeds that have been evaluated.
 * Rows of networks that nothing evaluates are left out.
 */
export function results(plan: Plan, records: ReadonlyMap<string, StepRecord>): readonly ResultRow[] {
  const rows = new Map<string, PlannedNetwork[]>();
  for (const network of plan.networks) rows.set(network.row, [...(rows.get(network.row) ?? []), network]);
  return [...rows]
    .map(([model, networks]) => resultRow(model, networks, records))
    .filter(({ seeds }) => seeds.length > 0);
}
