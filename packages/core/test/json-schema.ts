import { isDeepStrictEqual } from "node:util";
import type { Json, JsonObject } from "../src/contracts/json.js";

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const TYPES: Readonly<Record<string, (value: Json) => boolean>> = {
  null: (value) => value === null,
  boolean: (value) => typeof value === "boolean",
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: (value) => Number.isInteger(value),
  array: (value) => Array.isArray(value),
  object: isObject,
};

/** What each keyword demands of a value, as JSON Schema 2020-12 defines it. */
type Keyword = (argument: Json, value: Json, schema: JsonObject, holds: Holds) => boolean;
type Holds = (schema: Json, value: Json) => boolean;

const all = (argument: Json): readonly Json[] => argument as readonly Json[];
const number = (check: (value: number, limit: number) => boolean): Keyword => {
  return (argument, value) => typeof value !== "number" || check(value, argument as number);
};

const KEYWORDS: Readonly<Record<string, Keyword>> = {
  type: (argument, value) => [argument].flat().some((type) => TYPES[type as string](value)),
  enum: (argument, value) => all(argument).some((each) => isDeepStrictEqual(each, value)),
  const: (argument, value) => isDeepStrictEqual(argument, value),
  minimum: number((value, limit) => value >= limit),
  maximum: number((value, limit) => value <= limit),
  exclusiveMinimum: number((value, limit) => value > limit),
  exclusiveMaximum: number((value, limit) => value < limit),
  minItems: (argument, value) => !Array.isArray(value) || value.length >= (argument as number),
  pattern: (argument, value) => typeof value !== "string" || new RegExp(argument as string, "u").test(value),
  required: (argument, value) =>
    !isObject(value) || all(argument).every((key) => Object.hasOwn(value, key as string)),
  properties: (argument, value, _, holds) =>
    !isObject(value) ||
    Object.entries(argument as JsonObject).every(
      ([key, each]) => !Object.hasOwn(value, key) || holds(each, value[key]),
    ),
  additionalProperties: (argument, value, { properties = {} }, holds) =>
    !isObject(value) ||
    Object.entries(value).every(
      ([key, each]) => Object.hasOwn(properties as JsonObject, key) || holds(argument, each),
    ),
  propertyNames: (argument, value, _, holds) =>
    !isObject(value) || Object.keys(value).every((key) => holds(argument, key)),
  items: (argument, value, _, holds) =>
    !Array.isArray(value) || value.every((each: Json) => holds(argument, each)),
  anyOf: (argument, value, _, holds) => all(argument).some((each) => holds(each, value)),
  allOf: (argument, value, _, holds) => all(argument).every((each) => holds(each, value)),
  if: (argument, value, { then: consequence = true }, holds) =>
    !holds(argument, value) || holds(consequence, value),
};

/** Keywords that demand nothing by themselves. */
const SILENT = new Set(["$schema", "$defs", "title", "description", "default", "then"]);

/** Whether a value is valid by a JSON Schema; a keyword or a reference that is not known is an error. */
export function isValid(document: JsonObject, value: Json): boolean {
  const holds: Holds = (schema, each) => {
    if (!isObject(schema)) return schema as boolean;
    return Object.entries(schema).every(([name, argument]) => {
      if (name === "$ref") return holds(resolve(argument as string), each);
      if (SILENT.has(name)) return true;
      if (!Object.hasOwn(KEYWORDS, name)) throw new Error(`The keyword "${name}" is not known.`);
      return KEYWORDS[name](argument, each, schema, holds);
    });
  };
  const resolve = (reference: string): Json => {
    const found = reference
      .split("/")
      .slice(1)
      .reduce<Json | undefined>((at, key) => (isObject(at) ? at[key] : undefined), document);
    if (found === undefined) throw new Error(`The reference ${reference} leads nowhere.`);
    return found;
  };
  return holds(document, value);
}

/** All references of a document that lead to none of its definitions. */
export function brokenReferences(document: JsonObject): readonly string[] {
  const definitions = document.$defs as JsonObject;
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, to]) => to);
  return references.filter((to) => !Object.hasOwn(definitions, to.replace(/^#\/\$defs\//, "")));
}
