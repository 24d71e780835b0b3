import { IsthmusError } from "../errors/isthmus-error.js";

/** One thing wrong with a recipe. */
export interface RecipeProblem {
  /** `file:line:column`, or the command-line option. */
  readonly at: string;
  readonly message: string;
  readonly hint?: string;
}

const problemsOf = new WeakMap<IsthmusError, readonly RecipeProblem[]>();

/** One error for all that is wrong with a recipe; what was found several times is said once. */
export function recipeError(file: string, problems: readonly RecipeProblem[]): IsthmusError {
  const lines = new Set(
    problems.map(({ at, message, hint }) => `${at}: ${message}${hint === undefined ? "" : `. ${hint}`}`),
  );
  const error = new IsthmusError({
    code: "recipe/invalid",
    message: [...lines].join("\n"),
    hint: `Correct ${lines.size === 1 ? "this" : `these ${lines.size} places`} and start again; nothing was run. (${file})`,
  });
  problemsOf.set(error, problems);
  return error;
}

/**
 * Runs every task, in order; what is wrong with the recipe in any of them is reported together at the end.
 *
 * @throws `recipe/invalid` with the problems of all tasks; at once, whatever else a task throws
 */
export async function collectProblems<const Tasks extends readonly (() => unknown)[]>(
  file: string,
  tasks: Tasks,
): Promise<{ [Index in keyof Tasks]: Awaited<ReturnType<Tasks[Index]>> }> {
  const results: unknown[] = [];
  const problems: RecipeProblem[] = [];
  for (const task of tasks) {
    try {
      results.push(await task());
    } catch (error) {
      const own = problemsOf.get(error as IsthmusError);
      if (own === undefined) throw error;
      problems.push(...own);
    }
  }
  if (problems.length > 0) throw recipeError(file, problems);
  return results as { [Index in keyof Tasks]: Awaited<ReturnType<Tasks[Index]>> };
}
