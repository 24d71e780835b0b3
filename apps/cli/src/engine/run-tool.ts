import { spawn } from "node:child_process";

/** How another program is run. */
export interface ToolOptions {
  readonly cwd?: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly signal?: AbortSignal;
}

/** A program ended otherwise than well. */
export class ToolFailed extends Error {
  /**
   * @param command what was run, as a person would type it
   * @param output the end of what it wrote
   * @param missing there is no such program
   */
  constructor(
    readonly command: string,
    readonly output: string,
    readonly missing: boolean,
  ) {
    super(missing ? `there is no program ${command}` : `${command} failed`);
  }
}

/** Whether what a program wrote says that a disk is full. */
export function saysDiskFull(output: string): boolean {
  return /no space left|errno 28\b|ENOSPC|disk quota exceeded/i.test(output);
}

/** The last line that a program wrote. */
export function lastLine(output: string): string {
  return output.trim().split("\n").at(-1)?.trim() ?? "";
}

/** A command as a person would type it. */
export function commandLine(command: string, args: readonly string[]): string {
  return [command, ...args].map((word) => (/^[\w@%+=:,./<>-]+$/.test(word) ? word : `'${word}'`)).join(" ");
}

/** How much of what a program writes is kept, in characters. */
const KEPT = 8000;

/**
 * Runs a program to its end and gives what it wrote to stdout.
 *
 * @throws ToolFailed, or the signal's AbortError
 */
export function runTool(
  command: string,
  args: readonly string[],
  { cwd, env, signal }: ToolOptions,
): Promise<string> {
  return new Promise((resolve, reject) => {
    // npm is a script on Windows, which only a shell starts.
    const shell = process.platform === "win32" && command === "npm";
    const child = spawn(command, args, { cwd, env, signal, shell, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, all] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout = (stdout + text).slice(-KEPT);
      all = (all + text).slice(-KEPT);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      all = (all + text).slice(-KEPT);
    });
    let failed: NodeJS.ErrnoException | undefined;
    const fail = () => {
      if (failed?.name === "AbortError") return reject(failed);
      reject(new ToolFailed(commandLine(command, args), failed?.message ?? all, failed?.code === "ENOENT"));
    };
    child.on("error", (error) => {
      failed = error;
      if (child.pid === undefined) fail();
    });
    child.on("close", (code) => {
      if (code === 0 && failed === undefined) resolve(stdout);
      else fail();
    });
  });
}
