import type { JsonObject } from "../contracts/json.js";
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

/**
 * JSON Schema of recipes, for editors: the header, the body of every experiment, and the options of every contribution of
 * the host under `$defs` (`fusion.average`, …), each described by its own schema. A recipe names it in its first line:
 * `# yaml-language-server: $schema=./recipe.schema.json`.
 *
 * Blocks of `choices` are parts of a recipe and are not checked by it; reading the recipe checks everything.
 */
export async function recipeSchema(host: PluginHost): Promise<JsonObject> {
  const definitions: Record<string, JsonObject> = {};
  for (const kind of KINDS) {
    for (const name of host.names(kind))
      definitions[`${kind}.${name}`] = withoutDialect(await host.optionsSchema(kind, name));
  }
  const header = withoutDialect(recipeHeader.toJSONSchema({ io: "input" }) as unknown as JsonObject);
  const experiments: JsonObject[] = [];
  for (const name of host.names("experiment")) {
    const body = withoutDialect(await host.optionsSchema("experiment", name));
    experiments.push({
      ...body,
      properties: {
        ...(header.properties as JsonObject),
        experiment: { const: name },
        choices: {
          type: "object",
          description: "named alternatives; of each, one block is merged over the recipe",
        },
        ...(body.properties as JsonObject),
      },
      required: ["name", "experiment"],
    });
  }
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Isthmus recipe",
    anyOf: experiments,
    $defs: definitions,
  };
}

function withoutDialect({ $schema: _, ...schema }: JsonObject): JsonObject {
  return schema;
}
