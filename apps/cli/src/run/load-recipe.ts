import type { Plan, PluginHost } from "@isthmus/core";

/** What the command line says about a recipe. */
export interface RecipeRequest {
  /** Absolute path. */
  readonly file: string;
  /** `path=value`, in order. */
  readonly set: readonly string[];
  /** In place of the recipe's own. */
  readonly seeds: readonly number[] | undefined;
}

/** A recipe, checked and planned. */
export interface LoadedRecipe {
  readonly name: string;
  readonly seeds: readonly number[];
  /** Picked choices. */
  readonly choices: Readonly<Record<string, string>>;
  /** Dotted and flat, for the tracking server. */
  readonly params: Readonly<Record<string, string>>;
  /** The file as it was read. */
  readonly text: string;
  readonly plan: Plan;
}

/** Reads, checks and plans a recipe. */
export async function loadRecipe(_request: RecipeRequest, _host: PluginHost): Promise<LoadedRecipe> {
  throw new Error("not yet");
}
