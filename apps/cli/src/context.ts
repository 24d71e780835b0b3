import type { WriteStream } from "node:tty";
import pc from "picocolors";

/** One of the two streams of the command, with what its reader can take. */
export interface Output {
  /** Writes text and a line break. */
  line(text?: string): void;
  /** True on a terminal, where lines can be drawn over. */
  readonly isTerminal: boolean;
  /** Colors where the reader can show them, else functions that change nothing. */
  readonly colors: ReturnType<typeof pc.createColors>;
}

/** What a command knows of the world it was started in. */
export interface Context {
  /** Working directory. */
  readonly cwd: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Results: what a program that reads the output wants, and nothing else. */
  readonly stdout: Output;
  /** Everything for people only: progress, remarks, errors. */
  readonly stderr: Output;
}

function output(stream: WriteStream, env: NodeJS.ProcessEnv): Output {
  const isTerminal = stream.isTTY === true && env.TERM !== "dumb";
  // A reader that has seen enough (`isthmus plugins | head -1`) is no reason to end with an error.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  const colored = (isTerminal || Boolean(env.FORCE_COLOR)) && !env.NO_COLOR;
  return {
    line: (text = "") => void stream.write(`${text}\n`),
    isTerminal,
    colors: pc.createColors(colored),
  };
}

/** The world of this process. */
export function processContext(): Context {
  const { env, stdout, stderr } = process;
  return { cwd: process.cwd(), env, stdout: output(stdout, env), stderr: output(stderr, env) };
}
