import { decodeCheckpoint, encodeCheckpoint } from "../checkpoint/checkpoint.js";
import { readSafetensors, writeSafetensors } from "../checkpoint/safetensors.js";
import type { Figure } from "../contracts/fusion.js";
import type { JsonObject } from "../contracts/json.js";
import type { Model, ModelSpec } from "../contracts/model.js";
import type { Params } from "../contracts/params.js";
import type { StepOutputs } from "../contracts/step.js";
import { checkParams } from "../numerics/params.js";
import { csvText } from "./csv.js";
import { parseExact, stringifyExact } from "./exact-json.js";
import type { StepRecord } from "./record.js";

/** Path of a step's network among its artifacts. */
export const NETWORK_FILE = "network.safetensors";

/** Path of a step's arrays among its artifacts. */
export const ARRAYS_FILE = "arrays.safetensors";
const EXTRA = { folder: "extra/", suffix: ".safetensors" };
const FIGURES = { folder: "figures/", suffix: ".vl.json" };
const TABLES = { folder: "tables/", suffix: ".csv" };

function pathOf({ folder, suffix }: typeof EXTRA, name: string): string {
  return `${folder}${encodeURIComponent(name)}${suffix}`;
}

/** The name that {@link pathOf} made a path of; undefined for other paths. */
function nameOf({ folder, suffix }: typeof EXTRA, path: string): string | undefined {
  if (!path.startsWith(folder) || !path.endsWith(suffix)) return undefined;
  return decodeURIComponent(path.slice(folder.length, -suffix.length));
}

/** True for the figures among a step's artifacts. */
export function isFigure(path: string): boolean {
  return nameOf(FIGURES, path) !== undefined;
}

/** Name of a table among a step's artifacts; undefined for other paths. */
export function tableName(path: string): string | undefined {
  return nameOf(TABLES, path);
}

/** A step's outputs as files: everything but summary and details, which the record holds. */
export function encodeOutputs(outputs: StepOutputs, provenance: JsonObject): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const { network, extra, arrays, figures, tables } = outputs;
  if (network !== undefined) {
    files.set(
      NETWORK_FILE,
      encodeCheckpoint({ spec: network.model.spec, params: network.params }, provenance),
    );
  }
  for (const [name, params] of Object.entries(extra ?? {})) {
    files.set(pathOf(EXTRA, name), writeSafetensors(params));
  }
  if (arrays !== undefined) files.set(ARRAYS_FILE, writeSafetensors(new Map(Object.entries(arrays))));
  for (const [name, figure] of Object.entries(figures ?? {})) {
    files.set(pathOf(FIGURES, name), new TextEncoder().encode(stringifyExact(figure)));
  }
  for (const [name, table] of Object.entries(tables ?? {})) {
    files.set(pathOf(TABLES, name), new TextEncoder().encode(csvText([table.columns, ...table.rows])));
  }
  return files;
}

/** Reads what {@link encodeOutputs} made, but for tables; `read` gives a file's bytes and `locate` its name for messages. */
export async function decodeOutputs(
  record: StepRecord,
  read: (path: string) => Promise<Uint8Array>,
  locate: (path: string) => string,
  buildModel: (spec: ModelSpec) => Promise<Model>,
): Promise<StepOutputs> {
  const extra: Record<string, Params> = {};
  const figures: Record<string, Figure> = {};
  let outputs: StepOutputs = {
    summary: record.summary,
    ...(record.details === undefined ? {} : { details: record.details }),
  };
  for (const { path } of record.artifacts) {
    const bytes = await read(path);
    const extraName = nameOf(EXTRA, path);
    const figureName = nameOf(FIGURES, path);
    if (path === NETWORK_FILE) {
      const { spec, params } = decodeCheckpoint(bytes, locate(path));
      const model = await buildModel(spec);
      checkParams(model, params, locate(path));
      outputs = { ...outputs, network: { model, params } };
    } else if (path === ARRAYS_FILE) {
      const arrays = Object.fromEntries(readSafetensors(bytes, locate(path)).tensors);
      outputs = { ...outputs, arrays };
    } else if (extraName !== undefined) {
      extra[extraName] = readSafetensors(bytes, locate(path)).tensors;
    } else if (figureName !== undefined) {
      figures[figureName] = parseExact(new TextDecoder().decode(bytes)) as Figure;
    }
  }
  if (Object.keys(extra).length > 0) outputs = { ...outputs, extra };
  if (Object.keys(figures).length > 0) outputs = { ...outputs, figures };
  return outputs;
}
