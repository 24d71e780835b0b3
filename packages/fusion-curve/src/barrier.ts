/** Values at t on a path from t = 0 to t = 1: losses (nats), errors (percent). */
export interface Profile {
  readonly t: readonly number[];
  readonly values: readonly number[];
}

/**
 * How far a path rises above the chord between its ends, max over t of L(t) - ((1-t) L(0) + t L(1)): at least 0, as the ends count
 * (Frankle et al. 2020, arXiv 1912.05671).
 *
 * @example barrier({ t: [0, 0.5, 1], values: [1, 4, 3] }); // 2
 */
export function barrier({ t, values }: Profile): number {
  const [start, end] = [values[0], values[values.length - 1]];
  return Math.max(...values.map((value, i) => value - ((1 - t[i]) * start + t[i] * end)));
}

/** `count` evenly spaced t from 0 to 1. */
export function evenly(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i / (count - 1));
}
