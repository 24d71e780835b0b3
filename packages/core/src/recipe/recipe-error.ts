import { IsthmusError } from "../errors/isthmus-error.js";

/** One thing wrong with a recipe. */
export interface RecipeProblem {
  /** `file:line:column`, or the command-line option. */
  readonly at: string;
  readonly message: string;
  readonly hint?: string;
}

/** One error for all that is wrong with a recipe; what was found several times is said once. */
export function recipeError(file: string, problems: readonly RecipeProblem[]): IsthmusError {
  const lines = new Set(
    problems.map(({ at, message, hint }) => `${at}: ${message}${hint === undefined ? "" : `. ${hint}`}`),
  );
  return new IsthmusError({
    code: "recipe/invalid",
    message: [...lines].join("\n"),
    hint: `Correct ${lines.size === 1 ? "this" : `these ${lines.size} places`} and start again; nothing was run. (${file})`,
  });
}
