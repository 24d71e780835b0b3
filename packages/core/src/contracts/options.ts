import type { JsonObject } from "./json.js";

/** One thing wrong with some options: where (a path of keys) and what. */
export interface OptionsIssue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** The unknown keys, for `code: "unrecognized_keys"`. */
  readonly keys?: readonly string[] | undefined;
  /** What is wrong with each alternative, for `code: "invalid_union"`; paths start at this issue's. */
  readonly errors?: readonly (readonly OptionsIssue[])[] | undefined;
  /** What is wrong with the key itself, the last of `path`, for `code: "invalid_key"`. */
  readonly issues?: readonly OptionsIssue[] | undefined;
}

/** The part of a schema library that the host relies on; every zod 4 schema fits. */
export interface Schema<Options> {
  safeParse(
    input: unknown,
  ):
    | { readonly success: true; readonly data: Options }
    | { readonly success: false; readonly error: { readonly issues: readonly OptionsIssue[] } };
  /** JSON Schema of the accepted input, made by the schema's own library. */
  toJSONSchema(parameters?: { io?: "input" | "output" }): object;
}

/**
 * A schema whose JSON schema is attached: what core keeps of a contribution's options. Only `parse` results and
 * plain JSON cross packages, so that a plugin may bring its own copy of the schema library.
 */
export interface OptionsSchema<Options> {
  safeParse: Schema<Options>["safeParse"];
  /** JSON Schema (2020-12) of the accepted input; the CLI's help, editors and docs are made from it. */
  readonly jsonSchema: JsonObject;
}

/** Attaches the JSON schema to a schema; the `define…` helpers call it. */
export function optionsSchema<Options>(schema: Schema<Options>): OptionsSchema<Options> {
  return {
    safeParse: (input) => schema.safeParse(input),
    jsonSchema: schema.toJSONSchema({ io: "input" }) as JsonObject,
  };
}
