import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("./crashing-process.ts", import.meta.url));

/** Runs a function of `crashing-process.ts` in a process of its own, from source. */
export function startProcess(name: string, ...parameters: readonly (string | number)[]): ChildProcess {
  const code = `
    import { runnerImport } from "vite";
    const { module } = await runnerImport(${JSON.stringify(SCRIPT)}, { configFile: false, logLevel: "error" });
    await module[${JSON.stringify(name)}](...${JSON.stringify(parameters)});`;
  return spawn(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: fileURLToPath(new URL("../../..", import.meta.url)),
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** The signal that ended a process; null where it ended by itself. */
export async function endOf(child: ChildProcess): Promise<NodeJS.Signals | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.signalCode;
}

/** Everything a process says from now on, line by line. */
export async function* linesOf(child: ChildProcess): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of child.stdout ?? []) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() as string;
    yield* lines;
  }
}

/** Everything a process says until it ends. */
export async function allLinesOf(child: ChildProcess): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(child)) lines.push(line);
  return lines;
}
