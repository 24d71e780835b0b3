import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** How a finished command went. */
export interface CommandResult {
  /** Exit code; -1 when the command could not be started or was ended by a signal. */
  readonly code: number;
  /** All of standard output. */
  readonly stdout: string;
  /** The last lines of both streams, for error messages. */
  readonly tail: string;
}

/** What {@link runCommand} may be given. */
export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  /** Called with every line of standard output. */
  readonly onLine?: ((line: string) => void) | undefined;
}

const TAIL_LINES = 15;

/** Runs `command` without a shell and waits for its end. Never rejects: a command that cannot start has code -1. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const out: string[] = [];
    const tail: string[] = [];
    const keep = (line: string) => {
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
    };
    const child = spawn(command, args, {
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      windowsHide: true,
      ...(options.signal ? { signal: options.signal } : {}),
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      out.push(line);
      keep(line);
      options.onLine?.(line);
    });
    createInterface({ input: child.stderr }).on("line", keep);
    const finish = (code: number) => resolve({ code, stdout: out.join("\n"), tail: tail.join("\n") });
    child.once("error", (error) => {
      keep(error.message);
      finish(-1);
    });
    child.once("close", (code) => finish(code ?? -1));
  });
}
