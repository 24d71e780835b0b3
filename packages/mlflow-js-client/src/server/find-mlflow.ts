import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { MlflowInstallation } from "./ensure-mlflow.js";
import { runCommand } from "./run-command.js";

/**
 * Finds an `mlflow` program on the PATH and asks it for its version (which takes some seconds: it starts Python).
 *
 * The small package `mlflow-skinny` brings a program of the same name without a server; starting it then fails with a
 * message saying so.
 *
 * @returns `undefined` when there is none, or when it does not run.
 */
export async function findMlflow(
  env: NodeJS.ProcessEnv = process.env,
): Promise<MlflowInstallation | undefined> {
  for (const folder of (env.PATH ?? env.Path ?? "").split(delimiter).filter(Boolean)) {
    const command = join(folder, process.platform === "win32" ? "mlflow.exe" : "mlflow");
    if (!(await isExecutable(command))) continue;
    const { stdout } = await runCommand(command, ["--version"], { env });
    const version = /version\s+(\S+)/.exec(stdout)?.[1];
    if (version) return { command, version };
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
