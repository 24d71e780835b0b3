import type { JsonObject } from "../contracts/json.js";
import type { OptionsSchema } from "../contracts/options.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import { type OptionsProblem, optionsProblems } from "./options-problems.js";
import { plainJson } from "./plain-json.js";

/** Resolved options, or what is wrong with the given ones. */
export type OptionsResult =
  | { readonly options: JsonObject }
  | { readonly problems: readonly OptionsProblem[] };

/**
 * Checks options against a contribution's schema and fills in defaults; `undefined` counts as no options given.
 *
 * @param owner whose options they are, for messages, e.g. `fusion method "ot"`
 * @throws IsthmusError `plugin/contribution-invalid` where the schema yields something that is not a JSON object
 */
export function readOptions(schema: OptionsSchema<unknown>, input: unknown, owner: string): OptionsResult {
  const result = schema.safeParse(input === undefined ? {} : input);
  if (!result.success) return { problems: optionsProblems(result.error.issues, schema.jsonSchema) };
  try {
    const options = plainJson(result.data);
    if (typeof options === "object" && options !== null && !Array.isArray(options)) {
      return { options: options as JsonObject };
    }
    throw new TypeError("they are not an object");
  } catch (cause) {
    throw new IsthmusError({
      code: "plugin/contribution-invalid",
      message: `The schema of ${owner} resolves options that are not a JSON object: ${(cause as Error).message}.`,
      hint: "Options must stay plain JSON, since they travel to workers and into the keys of steps: no transforms to classes, no infinities.",
      cause,
    });
  }
}
