import type { Json, JsonObject } from "../contracts/json.js";
import { IsthmusError, isIsthmusError } from "../errors/isthmus-error.js";
import { plain } from "./located.js";
import { parseYaml } from "./parse-yaml.js";

function unreadable(option: string, text: string, why: string): IsthmusError {
  return new IsthmusError({
    code: "options/unreadable",
    message: `${option} ${text}: ${why}.`,
    hint: `Write a name, or a name and its options in quotes: ${option} 'name {key: value, other: [1, 2]}'`,
  });
}

function parseOptions(yaml: string, option: string, text: string): Json {
  try {
    return plain(parseYaml(yaml, option, () => option));
  } catch (error) {
    if (!isIsthmusError(error)) throw error;
    throw unreadable(option, text, error.message.slice(option.length + 2));
  }
}

/**
 * Takes apart how the command line names a contribution with its options: a name, and a map in YAML's flow form behind it.
 *
 * @param option the command-line option, for messages
 * @throws `options/unreadable`
 * @example parseReference("mlp {hidden: [400, 200]}", "--arch") // { name: "mlp", options: { hidden: [400, 200] } }
 */
export function parseReference(text: string, option: string): { name: string; options: JsonObject } {
  const [, name, yaml] = /^\s*([^\s{}[\],:]+)\s*(\{[\s\S]*)?$/.exec(text) ?? [];
  if (name === undefined) throw unreadable(option, text, "this is not a name with options");
  return { name, options: yaml === undefined ? {} : (parseOptions(yaml, option, text) as JsonObject) };
}
