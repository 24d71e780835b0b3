import { readFile } from "node:fs/promises";
import {
  ARRAYS_FILE,
  type ArrayValue,
  type Json,
  type Plan,
  readSafetensors,
  type StepRecord,
  type StepStore,
  writeNpz,
} from "@isthmus/core";
import type { ResultFile } from "./figure-files.js";
import { fileName } from "./figures.js";

/** Values of an array as nested lists; what is not finite is null, as JSON has no word for it. */
function nested({ shape, data }: ArrayValue): Json {
  const [outer, ...inner] = shape;
  if (outer === undefined) return Number.isFinite(data[0]) ? (data[0] as number) : null;
  const size = inner.reduce((product, length) => product * length, 1);
  return Array.from({ length: outer }, (_, i) =>
    nested({ shape: inner, data: data.subarray(i * size, (i + 1) * size) }),
  );
}

/** Arrays as JSON: nested lists by name. */
export function arraysJson(arrays: Readonly<Record<string, ArrayValue>>): Readonly<Record<string, Json>> {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, nested(array)]));
}

/**
 * What the evaluations of a plan measured point by point, as files named after the step: `<step>.npz` for NumPy, and `<step>.json`
 * together with the step's summary and details.
 */
export async function arrayFiles(
  { networks }: Plan,
  records: ReadonlyMap<string, StepRecord>,
  store: Pick<StepStore, "locate">,
): Promise<readonly ResultFile[]> {
  const files: ResultFile[] = [];
  const makers = new Set(networks.map(({ step }) => step));
  for (const [id, { key, kind, artifacts, summary, details }] of records) {
    if (makers.has(id) || !artifacts.some(({ path }) => path === ARRAYS_FILE)) continue;
    const file = store.locate(key, ARRAYS_FILE);
    const arrays = Object.fromEntries(readSafetensors(await readFile(file), file).tensors);
    const document = { kind, summary, ...(details !== undefined && { details }), arrays: arraysJson(arrays) };
    files.push([`${fileName(id)}.npz`, writeNpz(arrays)]);
    files.push([`${fileName(id)}.json`, `${JSON.stringify(document)}\n`]);
  }
  return files;
}
