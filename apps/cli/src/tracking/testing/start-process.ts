import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("./sender-process.ts", import.meta.url));

/** Runs `sendUntilKilled` in a process of its own, from source. */
export function startSenderProcess(...parameters: readonly string[]): ChildProcess {
  const code = `
    import { runnerImport } from "vite";
    const { module } = await runnerImport(${JSON.stringify(SCRIPT)}, { configFile: false, logLevel: "error" });
    await module.sendUntilKilled(...${JSON.stringify(parameters)});`;
  return spawn(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: fileURLToPath(new URL("../../../../..", import.meta.url)),
    stdio: ["ignore", "inherit", "inherit"],
  });
}
