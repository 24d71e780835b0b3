import { readFile } from "node:fs/promises";
import type { StepRecord, StepStore } from "@isthmus/core";
import { isFigure, parseExact } from "@isthmus/core";
import type { Spec } from "@isthmus/plots";
import { fileName, type NamedFigure } from "./figures.js";

/** Every figure that the steps of a plan have left, in the plan's order, named after its step. */
export async function stepFigures(
  records: ReadonlyMap<string, StepRecord>,
  store: Pick<StepStore, "locate">,
): Promise<readonly NamedFigure[]> {
  const figures: NamedFigure[] = [];
  for (const [id, { key, artifacts }] of records) {
    for (const { path } of artifacts.filter((artifact) => isFigure(artifact.path))) {
      const own = decodeURIComponent(path.replace(/^.*\/|\.vl\.json$/g, ""));
      const title = `${id}: ${own}`;
      const spec = parseExact(await readFile(store.locate(key, path), "utf8")) as Spec;
      figures.push({ name: fileName(title), title, spec });
    }
  }
  return figures;
}
