import type { Network } from "../contracts/fusion.js";
import type { JsonObject } from "../contracts/json.js";
import type { ModelSpec, ParameterSpec } from "../contracts/model.js";
import type { ArrayValue } from "../contracts/params.js";

/** What the values of one parameter, or of all, are like. NaN counts in `nan` alone; a statistic of no numbers is null. */
export interface ValueSummary {
  readonly count: number;
  /** Euclidean norm, √Σ x². */
  readonly norm: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  /** How many are NaN. */
  readonly nan: number;
  /** How many are ±Infinity; then `norm`, `mean`, `min` and `max` are of the others. */
  readonly infinite: number;
}

/** One parameter of a network, described. */
export interface ParameterSummary extends ValueSummary {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: ParameterSpec["role"];
}

/** A network, described: plain JSON. */
export interface NetworkSummary extends ModelSpec {
  /** In the order of the model. */
  readonly parameters: readonly ParameterSummary[];
  /** Over all parameters. */
  readonly total: ValueSummary;
  /** How many values are trained: all but those of buffers. */
  readonly trained: number;
  readonly provenance: JsonObject;
}

/** Sums from which summaries are made; those of parts add up. */
interface Sums {
  readonly count: number;
  readonly finite: number;
  readonly sum: number;
  readonly squares: number;
  readonly min: number;
  readonly max: number;
  readonly nan: number;
}

function sumsOf(data: Float32Array): Sums {
  let [finite, sum, squares, min, max, nan] = [0, 0, 0, Infinity, -Infinity, 0];
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (!Number.isFinite(value)) {
      if (Number.isNaN(value)) nan++;
      continue;
    }
    finite++;
    sum += value;
    squares += value * value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { count: data.length, finite, sum, squares, min, max, nan };
}

function together(a: Sums, b: Sums): Sums {
  return {
    count: a.count + b.count,
    finite: a.finite + b.finite,
    sum: a.sum + b.sum,
    squares: a.squares + b.squares,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    nan: a.nan + b.nan,
  };
}

function summary({ count, finite, sum, squares, min, max, nan }: Sums): ValueSummary {
  const counts = { count, nan, infinite: count - finite - nan };
  if (finite === 0) return { ...counts, norm: null, min: null, max: null, mean: null };
  return { ...counts, norm: Math.sqrt(squares), min, max, mean: sum / finite };
}

/**
 * What a network is made of: architecture, options, task, and for every parameter its role, shape, size and statistics, as plain JSON.
 *
 * @example
 * inspectNetwork({ model, params }).total.nan // 0 in a network that was trained well
 */
export function inspectNetwork({ model, params }: Network, provenance: JsonObject = {}): NetworkSummary {
  const parts = model.parameters.map(({ name, shape, role }) => ({
    name,
    shape,
    role,
    sums: sumsOf((params.get(name) as ArrayValue).data),
  }));
  const { architecture, options, task } = model.spec;
  return {
    architecture,
    options,
    task,
    parameters: parts.map(({ sums, ...part }) => ({ ...part, ...summary(sums) })),
    total: summary(parts.map(({ sums }) => sums).reduce(together, sumsOf(new Float32Array(0)))),
    trained: parts.filter(({ role }) => role !== "buffer").reduce((sum, { sums }) => sum + sums.count, 0),
    provenance,
  };
}
