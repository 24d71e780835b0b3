import type { Json, JsonObject } from "../contracts/json.js";

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value with every object in it, the inner ones first, put through `change`. */
function mapObjects(value: Json, change: (object: JsonObject) => JsonObject): Json {
  if (Array.isArray(value)) return value.map((item: Json) => mapObjects(item, change));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, mapObjects(item, change)]);
  return change(Object.fromEntries(entries));
}

/** A JSON schema that is to stand in `$defs` of another document, with the definitions it brings along. */
export interface Embedded {
  readonly schema: JsonObject;
  readonly definitions: Readonly<Record<string, JsonObject>>;
}

/** Makes a document's references hold when its root stands at `#/$defs/<name>` of another one and its definitions beside it. */
export function embedSchema(document: JsonObject, name: string): Embedded {
  const moved = mapObjects(document, (object) => {
    const { $ref: reference } = object;
    if (typeof reference !== "string") return object;
    const inner = /^#\/\$defs\/(.*)$/.exec(reference)?.[1];
    return { ...object, $ref: inner === undefined ? `#/$defs/${name}` : `#/$defs/${name}.${inner}` };
  }) as JsonObject;
  const { $schema: _, $defs: own, ...schema } = moved;
  const definitions = Object.entries((own ?? {}) as Record<string, JsonObject>);
  return {
    schema,
    definitions: Object.fromEntries(definitions.map(([key, value]) => [`${name}.${key}`, value])),
  };
}

/**
 * The schema for parts of what it describes: nothing is required any more. Alternatives that exclude each other only by what
 * they require no longer do, so one or more of them may hold.
 */
export function partialSchema(schema: JsonObject): JsonObject {
  return mapObjects(schema, ({ required, oneOf, ...rest }) => ({
    ...rest,
    ...(required === undefined || Array.isArray(required) ? {} : { required }),
    ...(oneOf === undefined ? {} : { [Array.isArray(oneOf) ? "anyOf" : "oneOf"]: oneOf }),
  })) as JsonObject;
}

/** The schema for blocks that are merged over what it describes: any entry of a map may be null, which removes it. */
export function overlaySchema(schema: JsonObject): JsonObject {
  const orNull = (value: Json): Json => (isObject(value) ? { anyOf: [value, { type: "null" }] } : value);
  return mapObjects(schema, (object) => {
    if (object.type !== "object") return object;
    const { properties, additionalProperties } = object;
    return {
      ...object,
      ...(isObject(properties)
        ? {
            properties: Object.fromEntries(
              Object.entries(properties).map(([key, value]) => [key, orNull(value)]),
            ),
          }
        : {}),
      ...(additionalProperties === undefined ? {} : { additionalProperties: orNull(additionalProperties) }),
    };
  }) as JsonObject;
}

/** Replaces every part of a schema that has a keyword by what `change` makes of the rest of it and the keyword's value. */
export function replaceMarked(
  schema: JsonObject,
  keyword: string,
  change: (part: JsonObject, mark: Json) => JsonObject,
): JsonObject {
  return mapObjects(schema, (object) => {
    const { [keyword]: mark, ...part } = object;
    return mark === undefined ? object : change(part, mark);
  }) as JsonObject;
}
