import type { Statistic } from "@isthmus/core";

/**
 * Mean ± population standard deviation; of a single seed the value alone.
 *
 * @example formatStatistic({ mean: 97.125, std: 0.5, values: [96.625, 97.625] }, 2) // "97.13 ± 0.50"
 */
export function formatStatistic({ mean, std, values }: Statistic, digits: number): string {
  const text = mean.toFixed(digits);
  return values.length > 1 ? `${text} ± ${std.toFixed(digits)}` : text;
}

/** Accuracy in percent, as papers print it. */
export function formatAccuracy(accuracy: Statistic | undefined): string {
  return accuracy === undefined ? "" : formatStatistic(accuracy, 2);
}

/** Any number; a share in percent. */
export function formatMetric(metric: Statistic | undefined, percent = false): string {
  if (metric === undefined) return "";
  const { mean, std, values } = metric;
  return percent
    ? formatStatistic({ mean: 100 * mean, std: 100 * std, values }, 2)
    : formatStatistic(metric, 4);
}

/** Loss in nats. */
export function formatLoss(loss: Statistic | undefined): string {
  return loss === undefined ? "" : formatStatistic(loss, 4);
}

/**
 * A time as people say it.
 *
 * @example formatSeconds(9.84) // "9.8 s"
 * @example formatSeconds(754) // "12 min 34 s"
 */
export function formatSeconds(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const total = Math.round(seconds);
  if (total < 3600) return `${Math.floor(total / 60)} min ${total % 60} s`;
  return `${Math.floor(total / 3600)} h ${Math.floor((total % 3600) / 60)} min`;
}
