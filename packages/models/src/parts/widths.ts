/** A number of units times a width multiplier, rounded; at least 1. */
export const scaled = (units: number, width: number): number => Math.max(1, Math.round(units * width));

/**
 * The simplest width multiplier (the fraction with the smallest denominator) under which every `base[i]` is `scaled` to `found[i]`;
 * undefined where there is none.
 */
export function widthBetween(base: readonly number[], found: readonly number[]): number | undefined {
  const low = Math.max(...found.map((units, i) => (units === 1 ? 0 : (units - 0.5) / base[i])));
  const high = Math.min(...found.map((units, i) => (units + 0.5) / base[i]));
  if (!(low < high)) return undefined;
  for (let denominator = 1; ; denominator++) {
    const width = Math.max(1, Math.ceil(low * denominator)) / denominator;
    if (width < high) return width;
  }
}
