import type { PlanContext } from "../contracts/experiment.js";
import type { JsonObject } from "../contracts/json.js";
import type { ContributionKind, Contributions } from "../contracts/plugin.js";
import { nearest } from "../errors/nearest.js";
import { flattenParams } from "../steps/flatten-params.js";

/** A contribution that a recipe names, and its options with their defaults. */
export interface ResolvedPart<Kind extends ContributionKind> {
  readonly name: string;
  readonly resolved: Contributions[Kind];
  readonly options: JsonObject;
}

/** Resolves the contribution that the recipe names at `at.name`, and checks its options, which stand at `at.options`. */
export async function resolvePart<Kind extends ContributionKind>(
  kind: Kind,
  name: string,
  input: unknown,
  context: PlanContext,
  at: { readonly name: readonly PropertyKey[]; readonly options: readonly PropertyKey[] },
): Promise<ResolvedPart<Kind>> {
  const resolved = await context.resolve(kind, name, at.name);
  return { name, resolved, options: await context.options(kind, name, input, at.options) };
}

/** {@link resolvePart} of a recipe's `dataset`. */
export function resolveDataset(
  given: string | { readonly name: string; readonly options?: unknown },
  context: PlanContext,
): Promise<ResolvedPart<"dataset">> {
  const { name, options } = typeof given === "string" ? { name: given, options: undefined } : given;
  return resolvePart("dataset", name, options, context, {
    name: typeof given === "string" ? ["dataset"] : ["dataset", "name"],
    options: ["dataset", "options"],
  });
}

/** {@link resolvePart} of a recipe's `model`. */
export function resolveArchitecture(
  { architecture, options }: { readonly architecture: string; readonly options?: unknown },
  context: PlanContext,
): Promise<ResolvedPart<"architecture">> {
  return resolvePart("architecture", architecture, options, context, {
    name: ["model", "architecture"],
    options: ["model", "options"],
  });
}

/** Reports names that are not among the valid ones. */
export function checkName(
  name: string,
  valid: readonly string[],
  { context, what, path }: { context: PlanContext; what: string; path: readonly PropertyKey[] },
): void {
  if (valid.includes(name)) return;
  const close = nearest(name, valid);
  const suggestion = close === undefined ? "" : `Did you mean "${close}"? `;
  context.fail(path, `there is no ${what}`, `${suggestion}There are: ${valid.join(", ") || "none"}.`);
}

/** Fusion methods by name, with those that they call, and those that these call. */
export async function withUsed(
  names: readonly string[],
  path: readonly PropertyKey[],
  context: PlanContext,
): Promise<readonly string[]> {
  const found = new Set<string>();
  const queue = [...names];
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (found.has(name)) continue;
    found.add(name);
    const { meta } = await context.resolve("fusion", name, path);
    queue.push(...(meta.uses ?? []));
  }
  return [...found];
}

/** Options below a prefix, dotted and flat, as a person compares them. */
export function prefixedParams(prefix: string, values: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(flattenParams(values)).map(([key, value]) => [`${prefix}.${key}`, value]),
  );
}
