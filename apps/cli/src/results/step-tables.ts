import { readFile } from "node:fs/promises";
import type { StepRecord, StepStore } from "@isthmus/core";
import { tableName } from "@isthmus/core";
import { fileName } from "./figures.js";

/** A table of a step, as the CSV file that it is kept in. */
export interface NamedTable {
  /** Letters, digits, `-`, `_` and `.`, starting with a letter or digit. */
  readonly name: string;
  readonly content: Uint8Array;
}

/** Every table that the steps of a plan have left, in the plan's order, named after its step. */
export async function stepTables(
  records: ReadonlyMap<string, StepRecord>,
  store: Pick<StepStore, "locate">,
): Promise<readonly NamedTable[]> {
  const tables: NamedTable[] = [];
  for (const [id, { key, artifacts }] of records) {
    for (const { path } of artifacts) {
      const name = tableName(path);
      if (name === undefined) continue;
      tables.push({ name: fileName(`${id}: ${name}`), content: await readFile(store.locate(key, path)) });
    }
  }
  return tables;
}
