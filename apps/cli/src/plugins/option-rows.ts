import type { Json, JsonObject } from "@isthmus/core";

/** An option of a contribution, as its schema describes it. */
export interface OptionRow {
  /** Dotted, as `--set` takes it: `training.optimizer.learningRate`. */
  readonly path: string;
  /** What it may be: `number`, `bezier | polychain`, `list of integer`. */
  readonly values: string;
  /** As JSON; undefined where there is none. */
  readonly fallback: string | undefined;
  readonly description: string;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const objects = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : [];
const alternatives = ({ anyOf, oneOf }: JsonObject) => [...objects(anyOf), ...objects(oneOf)];

/** What a schema without properties of its own accepts, in words. */
function valuesOf(schema: JsonObject): string {
  if (Array.isArray(schema.enum)) return schema.enum.map(String).join(" | ");
  if (schema.const !== undefined) return String(schema.const);
  const several = alternatives(schema);
  if (several.length > 0) return [...new Set(several.map(valuesOf))].join(" | ");
  if (schema.type === "array")
    return `list of ${isObject(schema.items) ? valuesOf(schema.items) : "anything"}`;
  return typeof schema.type === "string" ? schema.type : "anything";
}

/** Two descriptions of one option, which several kinds of a choice have. */
function united(a: OptionRow, b: OptionRow): OptionRow {
  const values = [...new Set([...a.values.split(" | "), ...b.values.split(" | ")])].join(" | ");
  return { ...a, values, fallback: a.fallback === b.fallback ? a.fallback : undefined };
}

function* rowsBelow(schema: JsonObject, prefix: string): Generator<OptionRow> {
  for (const part of [schema, ...alternatives(schema)]) {
    if (!isObject(part.properties)) continue;
    for (const [name, property] of Object.entries(part.properties)) {
      if (!isObject(property)) continue;
      const path = prefix === "" ? name : `${prefix}.${name}`;
      const below = [...rowsBelow(property, path)];
      const { default: fallback, description } = property;
      const hasOwn = !isObject(fallback) || Object.keys(fallback).length > 0;
      if (below.length === 0 || (fallback !== undefined && hasOwn)) {
        yield {
          path,
          values: below.length > 0 ? "group" : valuesOf(property),
          fallback: fallback === undefined ? undefined : JSON.stringify(fallback),
          description: typeof description === "string" ? description : "",
        };
      }
      yield* below;
    }
  }
}

/** The options that a JSON schema describes, each once, those in groups by their dotted paths. */
export function optionRows(schema: JsonObject): readonly OptionRow[] {
  const rows = new Map<string, OptionRow>();
  for (const row of rowsBelow(schema, "")) {
    const known = rows.get(row.path);
    rows.set(row.path, known === undefined ? row : united(known, row));
  }
  return [...rows.values()];
}
