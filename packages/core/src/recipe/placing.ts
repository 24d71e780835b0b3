import type { Json } from "../contracts/json.js";
import type { OptionsSchema } from "../contracts/options.js";
import { type OptionsProblem, optionsProblems } from "../host/options-problems.js";
import { find, type Located, plain } from "./located.js";
import { type RecipeProblem, recipeError } from "./recipe-error.js";

/** A value as messages show it. */
function shown(value: Json): string {
  const text = JSON.stringify(value);
  if (text.length <= 60) return text;
  return Array.isArray(value) ? "a list" : typeof value === "string" ? `${text.slice(0, 57)}…"` : "a map";
}

/** What a schema library says of a wrong value, shortened to what was expected, with what was found. */
function expectedAndFound(message: string, found: Json | undefined): string {
  const expected = message
    .replaceAll(/Invalid (?:input|option): expected (.+?)(?:, received \w+)?(?=$|, or: )/g, "expected $1")
    .replaceAll(/Invalid discriminator value\. Expected/g, "expected");
  if (found === undefined) return expected.startsWith("expected") ? `missing; ${expected}` : expected;
  return `${expected}, found ${shown(found)}`;
}

/** Reports what is wrong with a recipe at the places where it was written. */
export class Placing {
  readonly #raised = new WeakMap<object, readonly RecipeProblem[]>();

  constructor(
    private readonly root: Located,
    private readonly file: string,
    /** By place: what may have been meant there. */
    private readonly hints: ReadonlyMap<string, string>,
  ) {}

  /** Throws one error for some problems, each placed at its path or as much of it as exists. */
  fail(problems: readonly OptionsProblem[]): never {
    return this.#raise(
      problems.map(({ path, message, hint }) => {
        const { place } = find(this.root, path);
        const prefix = path.length === 0 ? "" : `${path.map(String).join(".")}: `;
        return this.#hinted({ at: place, message: prefix + message, hint });
      }),
    );
  }

  /** Throws one error for what a schema found wrong. */
  failChecks(problems: readonly OptionsProblem[]): never {
    return this.#raise(
      problems.map(({ path, message, hint }) => {
        const { key, place, node } = find(this.root, path);
        const name = path.map(String).join(".");
        if (message.startsWith("unknown key")) return this.#hinted({ at: key, message, hint });
        if (message.startsWith("wrong key"))
          return this.#hinted({ at: key, message: `${name}: ${message}`, hint });
        const text = expectedAndFound(message, node && plain(node));
        return this.#hinted({ at: place, message: name === "" ? text : `${name}: ${text}`, hint });
      }),
    );
  }

  /**
   * Checks a value that stands at `path`, or was put together from that and what stands at `shared`: a problem is placed at
   * the first of the two where the wrong entry exists, one about a missing entry at the last.
   */
  check<Value>(
    schema: OptionsSchema<Value>,
    value: unknown,
    path: readonly PropertyKey[],
    shared: readonly PropertyKey[] = path,
  ): Value {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    const problems = optionsProblems(result.error.issues, schema.jsonSchema);
    return this.failChecks(
      problems.map((each) => {
        const own = [...path, ...each.path];
        const exists = find(this.root, own).node !== undefined;
        return { ...each, path: exists ? own : [...shared, ...each.path] };
      }),
    );
  }

  /** Runs checks that do not depend on each other, and throws one error for all that they report. */
  async collect<Value>(checks: readonly (() => Value | Promise<Value>)[]): Promise<Value[]> {
    const values: Value[] = [];
    const problems: RecipeProblem[] = [];
    for (const check of checks) {
      try {
        values.push(await check());
      } catch (error) {
        const own = this.#raised.get(error as object);
        if (own === undefined) throw error;
        problems.push(...own);
      }
    }
    return problems.length > 0 ? this.#raise(problems) : values;
  }

  #hinted({
    at,
    message,
    hint = this.hints.get(at),
  }: {
    at: string;
    message: string;
    hint: string | undefined;
  }): RecipeProblem {
    return { at, message, ...(hint === undefined ? {} : { hint }) };
  }

  #raise(problems: readonly RecipeProblem[]): never {
    const error = recipeError(this.file, problems);
    this.#raised.set(error, problems);
    throw error;
  }
}
