import type { Json, JsonObject } from "../contracts/json.js";
import type { ContributionKind } from "../contracts/plugin.js";
import type { PluginHost } from "../host/plugin-host.js";
import { recipeHeader } from "./read-recipe.js";

/** Kinds whose names and options stand in recipes. */
const KINDS = [
  "architecture",
  "dataset",
  "partition",
  "fusion",
] as const satisfies readonly ContributionKind[];

type Definitions = Readonly<Record<string, JsonObject>>;

/**
 * A schema as `$defs` of a larger document: itself under `name`, its own definitions under `name.<definition>`, its references
 * changed accordingly.
 */
function definitions(name: string, { $schema: _, $defs = {}, ...schema }: JsonObject): Definitions {
  const relocate = (value: Json): Json => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(relocate);
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        key,
        key === "$ref" && typeof each === "string"
          ? each.replace(/^#\/\$defs\//, `#/$defs/${name}.`).replace(/^#(?!\/\$defs\/)/, `#/$defs/${name}`)
          : relocate(each),
      ]),
    );
  };
  const own = Object.entries($defs as Definitions).map(([key, value]) => [`${name}.${key}`, value] as const);
  return Object.fromEntries(
    [[name, schema] as const, ...own].map(([key, value]) => [key, relocate(value) as JsonObject]),
  );
}

/** The same schema with nothing required of it: choices and settings may bring what is missing. */
function partial(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(partial);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, each]) => !(key === "required" && Array.isArray(each)))
      .map(([key, each]) => [key, partial(each)]),
  );
}

/** What the header of a recipe of some experiment may hold. */
function headerProperties(experiment: string): JsonObject {
  const { properties } = recipeHeader.toJSONSchema({ io: "input" }) as unknown as { properties: JsonObject };
  return {
    ...properties,
    experiment: { const: experiment },
    choices: {
      type: "object",
      description: "named alternatives; of each, one block is merged over the recipe",
      additionalProperties: { type: "object", additionalProperties: { type: ["object", "null"] } },
    },
  };
}

/**
 * JSON Schema (2020-12) of recipes, for editors: the header with the body of every experiment, and under `$defs` the options of
 * every contribution of the host (`fusion.average`, …), each described by its own schema. A recipe names it in its first line:
 * `# yaml-language-server: $schema=./recipe.schema.json`.
 *
 * Only what is written is checked by it: what is missing may come with a choice or a setting, and blocks of `choices` are parts
 * of recipes. Reading the recipe checks everything.
 */
export async function recipeSchema(host: PluginHost): Promise<JsonObject> {
  let all: Definitions = {};
  for (const kind of KINDS) {
    for (const name of host.names(kind))
      all = { ...all, ...definitions(`${kind}.${name}`, await host.optionsSchema(kind, name)) };
  }
  const experiments = host.names("experiment");
  for (const name of experiments) {
    const body = partial(await host.optionsSchema("experiment", name)) as JsonObject;
    const recipe = {
      ...body,
      properties: { ...headerProperties(name), ...(body.properties as JsonObject) },
      required: ["name", "experiment"],
    };
    all = { ...all, ...definitions(`experiment.${name}`, recipe) };
  }
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Isthmus recipe",
    anyOf: experiments.map((name) => ({ $ref: `#/$defs/experiment.${name}` })),
    $defs: all,
  };
}
