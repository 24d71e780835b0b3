import type { DocumentRow } from "./document.js";

/** A cell of RFC 4180: quoted where it must be. */
function cell(value: string | number | undefined): string {
  const text = value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * The results as CSV, one line per model: accuracies in percent, losses in nats, every number with all its digits. A seed that
 * a model was not evaluated for is an empty cell.
 *
 * @example
 * model,seeds,accuracy_mean,accuracy_std,loss_mean,loss_std,accuracy_seed_0,accuracy_seed_1
 * average,0 1,50,10,1.5,0.25,40,60
 */
export function resultsCsv(rows: readonly DocumentRow[], seeds: readonly number[]): string {
  const header = ["model", "seeds", "accuracy_mean", "accuracy_std", "loss_mean", "loss_std"];
  const lines = rows.map(({ model, seeds: own, accuracy, loss }) => [
    model,
    own.join(" "),
    accuracy?.mean,
    accuracy?.std,
    loss?.mean,
    loss?.std,
    ...seeds.map((seed) => accuracy?.values[own.indexOf(seed)]),
  ]);
  const all = [[...header, ...seeds.map((seed) => `accuracy_seed_${seed}`)], ...lines];
  return all.map((line) => `${line.map(cell).join(",")}\n`).join("");
}
