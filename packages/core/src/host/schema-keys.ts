import type { Json, JsonObject } from "../contracts/json.js";

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Follows a reference within the document, e.g. `#/$defs/layer`. */
function follow(root: JsonObject, reference: string): Json | undefined {
  return reference
    .split("/")
    .slice(1)
    .reduce<Json | undefined>(
      (at, key) => (isObject(at) ? at[key.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined),
      root,
    );
}

/** The schema itself and every alternative it is made of. */
function alternatives(schema: Json | undefined, root: JsonObject): JsonObject[] {
  if (!isObject(schema)) return [];
  const parts = [schema.anyOf, schema.oneOf, schema.allOf].flatMap((list) => (isArray(list) ? list : []));
  const target = typeof schema.$ref === "string" ? [follow(root, schema.$ref)] : [];
  return [schema, ...[...parts, ...target].flatMap((part) => alternatives(part, root))];
}

/** The schema of one element or property. */
function child(schema: JsonObject, key: PropertyKey): Json | undefined {
  if (typeof key === "number") {
    const fixed = isArray(schema.prefixItems) ? schema.prefixItems[key] : undefined;
    return fixed ?? schema.items;
  }
  const named = isObject(schema.properties) ? schema.properties[String(key)] : undefined;
  return named ?? schema.additionalProperties;
}

/**
 * The keys that a JSON schema knows of the object at `path`: of all alternatives, where there are several.
 *
 * @example schemaKeys({ type: "object", properties: { a: { type: "number" } } }, []) // ["a"]
 */
export function schemaKeys(jsonSchema: JsonObject, path: readonly PropertyKey[]): string[] {
  let schemas = alternatives(jsonSchema, jsonSchema);
  for (const key of path) {
    schemas = schemas.flatMap((schema) => alternatives(child(schema, key), jsonSchema));
  }
  const keys = schemas.flatMap(({ properties }) => (isObject(properties) ? Object.keys(properties) : []));
  return [...new Set(keys)];
}
