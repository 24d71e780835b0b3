import { z } from "zod";
import type { Experiment, Plan, PlanContext } from "../contracts/experiment.js";
import type { JsonObject } from "../contracts/json.js";
import { type OptionsSchema, optionsSchema } from "../contracts/options.js";
import { isIsthmusError } from "../errors/isthmus-error.js";
import { KIND_TITLES } from "../host/kind-titles.js";
import { type OptionsProblem, optionsProblems } from "../host/options-problems.js";
import type { PluginHost } from "../host/plugin-host.js";
import { makeChoices } from "./choices.js";
import { type Located, placeOf, plain } from "./located.js";
import { parseYaml } from "./parse-yaml.js";
import { recipeError } from "./recipe-error.js";

/** What every recipe begins with; the rest belongs to its experiment. */
export const recipeHeader = z.object({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]*$/, "a recipe's name is made of letters, digits, -, _ and .")
    .describe("name of the runs and of the folder of results"),
  title: z.string().optional().describe("one line for people"),
  experiment: z.string().describe("kind of recipe"),
  seeds: z
    .array(z.number().int().min(0))
    .min(1)
    .default([0])
    .describe("everything is repeated for each seed"),
});

const HEADER_KEYS: readonly string[] = Object.keys(recipeHeader.shape);

/** A recipe, checked, with its choices made. */
export interface Recipe {
  readonly name: string;
  readonly title: string;
  readonly experiment: string;
  readonly seeds: readonly number[];
  /** The block picked of each choice, e.g. `{ protocol: "seed" }`. */
  readonly choices: Readonly<Record<string, string>>;
  /** The experiment's part, with choices and settings in it. */
  readonly body: JsonObject;
  /** The file as it was read. */
  readonly text: string;
  /** Plans the recipe's steps; all that is still wrong is reported with file and line. */
  plan(): Promise<Plan>;
}

/** How a recipe is read. */
export interface ReadRecipeOptions {
  /** Name of the file, for messages. */
  readonly file: string;
  /** `choice=block` or `path.to.value=YAML`, as on the command line. */
  readonly sets?: readonly string[];
  /** In place of the recipe's own seeds. */
  readonly seeds?: readonly number[];
}

/** Reports what is wrong at the places where it was written. */
class Placing {
  constructor(
    private readonly root: Located,
    private readonly file: string,
  ) {}

  fail(problems: readonly OptionsProblem[]): never {
    throw recipeError(
      this.file,
      problems.map(({ path, message, hint }) => ({
        at: placeOf(this.root, path, message.startsWith("unknown key")),
        message: this.#describe(path, message),
        ...(hint === undefined ? {} : { hint }),
      })),
    );
  }

  #describe(path: readonly PropertyKey[], message: string): string {
    return message.startsWith("unknown key") || path.length === 0
      ? message
      : `${path.map(String).join(".")}: ${message}`;
  }

  check<Value>(
    schema: Pick<OptionsSchema<Value>, "safeParse">,
    value: unknown,
    path: readonly PropertyKey[],
    jsonSchema: JsonObject,
  ): Value {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    return this.fail(
      optionsProblems(result.error.issues, jsonSchema).map((each) => ({
        ...each,
        path: [...path, ...each.path],
      })),
    );
  }
}

function planContext(host: PluginHost, placing: Placing, seeds: readonly number[]): PlanContext {
  return {
    seeds,
    async resolve(kind, name, path) {
      try {
        return await host.resolve(kind, name);
      } catch (error) {
        if (!isIsthmusError(error) || error.code !== "plugin/unknown-name") throw error;
        return placing.fail([
          {
            path,
            message: `there is no ${KIND_TITLES[kind]} "${name}"`,
            ...(error.hint === undefined ? {} : { hint: error.hint }),
          },
        ]);
      }
    },
    async options(kind, name, input, path) {
      const result = await host.readOptions(kind, name, input);
      if ("options" in result) return result.options;
      return placing.fail(result.problems.map((each) => ({ ...each, path: [...path, ...each.path] })));
    },
    check(schema, value, path) {
      const own =
        "toJSONSchema" in schema
          ? optionsSchema(schema as Parameters<typeof optionsSchema>[0]).jsonSchema
          : {};
      return placing.check(schema, value, path, own);
    },
    fail: (path, message, hint) => placing.fail([{ path, message, ...(hint === undefined ? {} : { hint }) }]),
  };
}

/**
 * Reads and checks a recipe: YAML, choices, settings, header, and the experiment's own part by its schema.
 *
 * @throws `recipe/invalid`: every problem with file, line and column (or the setting it came from), what was found, and the nearest valid name
 */
export async function readRecipe(
  text: string,
  options: ReadRecipeOptions,
  host: PluginHost,
): Promise<Recipe> {
  const { file, sets = [] } = options;
  const { root, choices } = makeChoices(parseYaml(text, file), sets, file);
  const placing = new Placing(root, file);
  const all = plain(root) as JsonObject;
  const header = placing.check(recipeHeader, all, [], {});
  const context = planContext(host, placing, options.seeds ?? header.seeds);
  const experiment: Experiment = await context.resolve("experiment", header.experiment, ["experiment"]);
  const body = Object.fromEntries(Object.entries(all).filter(([key]) => !HEADER_KEYS.includes(key)));
  const checked = placing.check(
    experiment.options,
    body,
    [],
    withHeader(experiment.options.jsonSchema, Object.keys(choices)),
  );
  return {
    name: header.name,
    title: header.title ?? header.name,
    experiment: header.experiment,
    seeds: context.seeds,
    choices,
    body,
    text,
    plan: () => experiment.plan(checked, context),
  };
}

/** The experiment's schema with the keys of the header and the names of choices, so that they too are offered as nearest names. */
function withHeader(schema: JsonObject, choices: readonly string[]): JsonObject {
  const header = recipeHeader.toJSONSchema({ io: "input" }) as unknown as JsonObject;
  const extra = Object.fromEntries(["choices", ...choices].map((name) => [name, {}]));
  return {
    ...schema,
    properties: { ...(schema.properties as JsonObject), ...(header.properties as JsonObject), ...extra },
  };
}
