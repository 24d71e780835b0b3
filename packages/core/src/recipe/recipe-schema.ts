import type { ContributionPart } from "../contracts/experiment.js";
import type { JsonObject } from "../contracts/json.js";
import type { ContributionKind } from "../contracts/plugin.js";
import type { PluginHost } from "../host/plugin-host.js";
import { embedSchema, overlaySchema, partialSchema, replaceMarked } from "./embed-schema.js";
import { recipeHeader } from "./read-recipe.js";

/** Kinds that recipes name, with options. */
const KINDS = [
  "architecture",
  "dataset",
  "partition",
  "fusion",
  "scenario",
  "learner",
  "step",
] as const satisfies readonly ContributionKind[];

type Definitions = Readonly<Record<string, JsonObject>>;

/** A schema under a name of its own among the definitions. */
function define(name: string, document: JsonObject): Definitions {
  const { schema, definitions } = embedSchema(document, name);
  return { [name]: schema, ...definitions };
}

/** Offers the host's names where a part of a recipe names a contribution, and checks its options by the name. */
function offer(host: PluginHost, part: JsonObject, { kind, name, options }: ContributionPart): JsonObject {
  const names = host.names(kind);
  if (names.length === 0) return part;
  if (name === undefined) return { ...part, enum: names };
  const properties = part.properties as JsonObject;
  const choosing = { ...properties, [name]: { ...(properties[name] as JsonObject), enum: names } };
  if (options === undefined) return { ...part, properties: choosing };
  const checks = names.map((each) => ({
    if: { properties: { [name]: { const: each } }, required: [name] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { properties: { [options]: { $ref: `#/$defs/${kind}.${each}` } } },
  }));
  return { ...part, properties: choosing, allOf: checks };
}

/** The header and the body of an experiment's recipes; what is missing may come with a choice or a setting. */
async function partialRecipe(host: PluginHost, experiment: string): Promise<JsonObject> {
  const header = recipeHeader.toJSONSchema({ io: "input" }) as unknown as { properties: JsonObject };
  const body = await host.optionsSchema("experiment", experiment);
  return partialSchema({
    ...body,
    properties: {
      ...header.properties,
      experiment: { const: experiment },
      ...(body.properties as JsonObject),
    },
  });
}

/** Choices between blocks that have a definition. */
function choicesOf(block: string): JsonObject {
  return {
    type: "object",
    description: "named alternatives; of each, one block is merged over the recipe",
    additionalProperties: {
      type: "object",
      additionalProperties: { anyOf: [{ $ref: `#/$defs/${block}` }, { type: "null" }] },
    },
  };
}

/**
 * JSON Schema (2020-12) of recipes, for editors: the header with the body of every experiment, the names of the host's
 * contributions wherever a recipe names one, and their options, each by its own schema (`$defs`: `fusion.average`, …). A recipe
 * names it in its first line: `# yaml-language-server: $schema=./recipe.schema.json`.
 *
 * Only what is written is checked by it, since the rest may come with a choice or a setting; reading a recipe checks everything.
 */
export async function recipeSchema(host: PluginHost): Promise<JsonObject> {
  const offering = (schema: JsonObject): JsonObject =>
    replaceMarked(schema, "contribution", (part, mark) =>
      offer(host, part, mark as unknown as ContributionPart),
    );
  let definitions: Definitions = {};
  for (const kind of KINDS) {
    for (const name of host.names(kind)) {
      const options = overlaySchema(partialSchema(await host.optionsSchema(kind, name)));
      definitions = { ...definitions, ...(offering(define(`${kind}.${name}`, options)) as Definitions) };
    }
  }
  const experiments = host.names("experiment");
  for (const name of experiments) {
    const recipe = await partialRecipe(host, name);
    const { schema, definitions: own } = embedSchema(recipe, `experiment.${name}`);
    const whole = {
      ...schema,
      properties: { ...(schema.properties as JsonObject), choices: choicesOf(`block.${name}`) },
      required: ["name", "experiment"],
    };
    definitions = {
      ...definitions,
      ...(offering({ ...own, [`experiment.${name}`]: whole }) as Definitions),
      ...(offering(define(`block.${name}`, overlaySchema(recipe))) as Definitions),
    };
  }
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Isthmus recipe",
    anyOf: experiments.map((name) => ({ $ref: `#/$defs/experiment.${name}` })),
    $defs: definitions,
  };
}
