/** What went wrong: the list of codes this package can raise. */
export type PlotErrorCode =
  | "plot/bad-input"
  | "plot/spec-invalid"
  | "plot/external-data"
  | "plot/render-failed";

/**
 * The one error class of this package. The message says what happened and where, `hint` what to do about it.
 *
 * - `plot/bad-input`: an argument of a builder or renderer is out of range or inconsistent;
 * - `plot/spec-invalid`: the specification is not vega-lite that compiles;
 * - `plot/external-data`: the specification points at a file or an address; figures carry their own data;
 * - `plot/render-failed`: the specification compiles but drawing it failed (a bad expression, for instance).
 */
export class PlotError extends Error {
  readonly code: PlotErrorCode;
  readonly hint: string;

  constructor(details: { code: PlotErrorCode; message: string; hint: string; cause?: unknown }) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "PlotError";
    this.code = details.code;
    this.hint = details.hint;
  }
}

/** A `plot/bad-input` error, for the argument checks of the builders. */
export function badInput(message: string, hint: string): PlotError {
  return new PlotError({ code: "plot/bad-input", message, hint });
}

/** The message of anything thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
