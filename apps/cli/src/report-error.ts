import { CommanderError } from "commander";
import type { Output } from "./context.js";
import { Failure } from "./failure.js";

/** An error that says itself what to do: of core, of the plots, of the tracking client. */
interface Explained extends Error {
  readonly code: string;
  readonly hint?: string;
}

function isExplained(error: unknown): error is Explained {
  return error instanceof Error && "hint" in error && "code" in error && typeof error.code === "string";
}

function* causes(error: unknown): Generator<unknown> {
  for (let cause = (error as Partial<Error>)?.cause; cause !== undefined; ) {
    yield cause;
    cause = (cause as Partial<Error> | null)?.cause;
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * Lines that tell a person about an error: what happened, what to do, and the code to look up. With `debug` also stacks and
 * causes. An error that is not ours is a defect, and says so.
 */
export function describeError(thrown: unknown, colors: Output["colors"], debug: boolean): readonly string[] {
  const error = thrown instanceof Failure ? thrown.error : thrown;
  const lines: string[] = [];
  if (isExplained(error)) {
    lines.push(`${colors.red("error:")} ${error.message}`);
    if (error.hint !== undefined) lines.push(`${colors.cyan("hint:")} ${error.hint}`);
    lines.push(colors.dim(`code: ${error.code}`));
  } else {
    lines.push(`${colors.red("error:")} ${error instanceof Error ? error.message : String(error)}`);
    lines.push(
      `${colors.cyan("hint:")} This looks like a defect of Isthmus or of a plugin. ${debug ? "Please report it with the lines below." : "Start the same command with --debug and report what it says."}`,
    );
  }
  if (debug) {
    lines.push(colors.dim(stackOf(error)));
    for (const cause of causes(error)) lines.push(colors.dim(`caused by: ${stackOf(cause)}`));
  }
  return lines;
}

/** Tells about an error on a stream. Commander has told about its own already. */
export function reportError(thrown: unknown, output: Output, debug: boolean): void {
  if (thrown instanceof CommanderError) return;
  for (const line of describeError(thrown, output.colors, debug)) output.line(line);
}
