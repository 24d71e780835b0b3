import type { ContributionKind, Contributions } from "../contracts/plugin.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import { KIND_TITLES } from "./kind-titles.js";
import { describePlugin, type PluginSource } from "./plugin-source.js";

/** The functions that every contribution of a kind has. */
const FUNCTIONS: Readonly<Record<ContributionKind, readonly string[]>> = {
  architecture: ["build"],
  dataset: ["digest", "load"],
  partition: ["parts", "deal"],
  fusion: ["fuse"],
  scenario: ["tasks", "stream"],
  learner: [],
  step: ["dependencies", "run"],
  experiment: ["plan"],
};

type Bag = Readonly<Record<string, unknown>>;

function isBag(value: unknown): value is Bag {
  return typeof value === "object" && value !== null;
}

/** What keeps a value from being a contribution of this kind and name; undefined where nothing does. */
function flaw(kind: ContributionKind, name: string, value: unknown): string | undefined {
  if (value instanceof Promise) return "is a promise: its factory must return the contribution itself";
  if (!isBag(value)) return "is not an object";
  const missing = FUNCTIONS[kind].filter((key) => typeof value[key] !== "function");
  if (missing.length > 0) return `lacks ${missing.map((key) => `${key}()`).join(" and ")}`;
  const { options } = value;
  if (!isBag(options) || typeof options.safeParse !== "function" || !isBag(options.jsonSchema)) {
    return "has no options with safeParse and jsonSchema";
  }
  const named = kind === "fusion" ? value.meta : value;
  const ownName = isBag(named) ? named.name : undefined;
  return ownName === name ? undefined : `calls itself ${JSON.stringify(ownName)}`;
}

/**
 * Checks by structure, never by `instanceof`, that a value is the contribution it was registered as.
 *
 * @throws IsthmusError `plugin/contribution-invalid`
 */
export function checkContribution<Kind extends ContributionKind>(
  kind: Kind,
  name: string,
  value: unknown,
  source: PluginSource,
): Contributions[Kind] {
  const what = flaw(kind, name, value);
  if (what !== undefined) {
    throw new IsthmusError({
      code: "plugin/contribution-invalid",
      message: `The ${KIND_TITLES[kind]} "${name}" of ${describePlugin(source)} ${what}.`,
      hint: `Make it with the define function of @isthmus/core for its kind, and register it under its own name.`,
    });
  }
  return value as Contributions[Kind];
}
