import { IsthmusError } from "../errors/isthmus-error.js";

/** One thing wrong with a recipe. */
export interface RecipeProblem {
  /** `file:line:column`, or the command-line option. */
  readonly at: string;
  readonly message: string;
  readonly hint?: string;
}

/** One error for all that is wrong with a recipe. */
export function recipeError(file: string, problems: readonly RecipeProblem[]): IsthmusError {
  const lines = problems.map(
    ({ at, message, hint }) => `${at}: ${message}${hint === undefined ? "" : `. ${hint}`}`,
  );
  return new IsthmusError({
    code: "recipe/invalid",
    message: lines.join("\n"),
    hint: `Correct ${problems.length === 1 ? "this" : `these ${problems.length} places`} and start again; nothing was run. (${file})`,
  });
}
