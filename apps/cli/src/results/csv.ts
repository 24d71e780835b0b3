import { csvText, type ResultColumn } from "@isthmus/core";
import type { DocumentRow } from "./document.js";

/**
 * The results as CSV, one line per model: accuracies in percent, losses in nats, further columns by their metric and in its own
 * unit, every number with all its digits. A seed that a model was not evaluated for is an empty cell.
 *
 * @example
 * model,seeds,accuracy_mean,accuracy_std,loss_mean,loss_std,accuracy_seed_0,accuracy_seed_1
 * average,0 1,50,10,1.5,0.25,40,60
 */
export function resultsCsv(
  rows: readonly DocumentRow[],
  seeds: readonly number[],
  columns: readonly ResultColumn[] = [],
): string {
  const header = ["model", "seeds", "accuracy_mean", "accuracy_std", "loss_mean", "loss_std"];
  const further = columns.flatMap(({ metric }) => [`${metric}_mean`, `${metric}_std`]);
  const lines = rows.map(({ model, seeds: own, accuracy, loss, metrics }) => [
    model,
    own.join(" "),
    accuracy?.mean,
    accuracy?.std,
    loss?.mean,
    loss?.std,
    ...columns.flatMap(({ metric }) => [metrics?.[metric]?.mean, metrics?.[metric]?.std]),
    ...seeds.map((seed) => accuracy?.values[own.indexOf(seed)]),
  ]);
  return csvText([[...header, ...further, ...seeds.map((seed) => `accuracy_seed_${seed}`)], ...lines]);
}
