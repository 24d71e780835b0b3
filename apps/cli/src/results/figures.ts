import type { Spec } from "@isthmus/plots";
import type { DocumentRow } from "./document.js";

/** A figure and the name of its files. */
export interface NamedFigure {
  /** Letters, digits, `-`, `_` and `.`, starting with a letter or digit. */
  readonly name: string;
  readonly title: string;
  readonly spec: Spec;
}

/** What draws takes a quarter of a second to load: only a command that has computed something waits for it. */
export const plots = () => import("@isthmus/plots");

/**
 * A text as the name of a file: what is neither letter nor digit becomes `-`.
 *
 * @example fileName("fuse mpf seed=0/path") // "fuse-mpf-seed-0-path"
 */
export function fileName(text: string): string {
  const name = text.replace(/[^A-Za-z0-9_.]+/g, "-").replace(/^[-_.]+|[-.]+$/g, "");
  return name === "" ? "unnamed" : name;
}

/** Figures with names that differ: a name that was taken already gets a number. */
export function withDistinctNames(figures: readonly NamedFigure[]): readonly NamedFigure[] {
  const taken = new Set<string>();
  return figures.map((figure) => {
    let { name } = figure;
    for (let count = 2; taken.has(name.toLowerCase()); count++) name = `${figure.name}-${count}`;
    taken.add(name.toLowerCase());
    return { ...figure, name };
  });
}

/** Accuracy of every model; undefined where nothing has an accuracy. */
export async function accuracyFigure(rows: readonly DocumentRow[]): Promise<NamedFigure | undefined> {
  const bars = rows.flatMap(({ model, accuracy }) =>
    accuracy === undefined ? [] : [{ label: model, values: accuracy.values }],
  );
  if (bars.length === 0) return undefined;
  const { barChart } = await plots();
  return { name: "accuracy", title: "Accuracy on the test images", spec: barChart({ bars }) };
}
