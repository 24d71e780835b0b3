import { z } from "zod";
import type { Experiment, Plan } from "../contracts/experiment.js";
import type { JsonObject } from "../contracts/json.js";
import { optionsSchema } from "../contracts/options.js";
import type { PluginHost } from "../host/plugin-host.js";
import { makeChoices } from "./choices.js";
import { plain } from "./located.js";
import { parseYaml } from "./parse-yaml.js";
import { Placing } from "./placing.js";
import { type NetworkImporter, planContext } from "./plan-context.js";
import type { Setting } from "./settings.js";

/** What every recipe begins with; the rest belongs to its experiment. */
export const recipeHeader = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]*$/, "a recipe's name is made of letters, digits, -, _ and .")
    .describe("name of the runs and of the folder of results"),
  title: z.string().optional().describe("one line for people"),
  experiment: z.string().describe("kind of recipe"),
  seeds: z
    .array(z.number().int().min(0))
    .min(1)
    .refine((seeds) => new Set(seeds).size === seeds.length, "each seed is given once")
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
  /** `choice=block` or `path.to.value=YAML`, as on the command line, or settings that other options stand for. */
  readonly sets?: readonly (string | Setting)[];
  /** In place of the recipe's own seeds. */
  readonly seeds?: readonly number[];
  /** Reads networks that the recipe names by their files; without it, it can name none. */
  readonly importNetwork?: NetworkImporter;
}

/**
 * Reads and checks a recipe: YAML, choices, settings, header, and the experiment's own part by its schema. Whatever is wrong
 * is reported at once, as far as it can be told: what cannot be read or chosen hides the rest, and planning comes after this.
 *
 * @throws `recipe/invalid`: every problem with file, line and column (or the setting it came from), what was expected and found, and the nearest valid name
 */
export async function readRecipe(
  text: string,
  options: ReadRecipeOptions,
  host: PluginHost,
): Promise<Recipe> {
  const { file, sets = [] } = options;
  const { root, choices, hints } = makeChoices(parseYaml(text, file), sets, file);
  const placing = new Placing(root, file, hints);
  const all = plain(root) as JsonObject;
  const isHeader = ([key]: [string, unknown]) => HEADER_KEYS.includes(key);
  const head = Object.fromEntries(Object.entries(all).filter(isHeader));
  const body = Object.fromEntries(Object.entries(all).filter((entry) => !isHeader(entry)));

  let header: z.output<typeof recipeHeader> | undefined;
  let experiment: Experiment | undefined;
  let checked: unknown;
  await placing.collect<void>([
    () => {
      header = placing.check(optionsSchema(recipeHeader), head, []);
    },
    async () => {
      if (typeof all.experiment !== "string") return;
      experiment = await planContext(host, placing, [], undefined).resolve("experiment", all.experiment, [
        "experiment",
      ]);
      const { safeParse, jsonSchema } = experiment.options;
      checked = placing.check(
        { safeParse, jsonSchema: withHeader(jsonSchema, Object.keys(choices)) },
        body,
        [],
      );
    },
  ]);
  const { name, title = name, experiment: kind, seeds: own } = header as z.output<typeof recipeHeader>;
  const seeds = options.seeds ?? own;
  const plan = () =>
    (experiment as Experiment).plan(checked, planContext(host, placing, seeds, options.importNetwork));
  return { name, title, experiment: kind, seeds, choices, body, text, plan };
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
