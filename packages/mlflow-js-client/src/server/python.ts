import { MlflowError } from "../error.js";
import { runCommand } from "./run-command.js";

/** The oldest Python that current MLflow releases run on. */
export const OLDEST_PYTHON = [3, 10] as const;

const CANDIDATES =
  process.platform === "win32"
    ? ["python", "python3"]
    : ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];

const PROBE = "import sys; print('%d.%d' % sys.version_info[:2]); import venv, ensurepip";

/**
 * Finds a Python that can make a virtual environment.
 *
 * @returns the command to run it by.
 * @throws MlflowError `PYTHON_NOT_FOUND`, saying what to install.
 */
export async function findPython(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const seen: string[] = [];
  let lacksVenv: string | undefined;
  for (const command of CANDIDATES) {
    const result = await runCommand(command, ["-c", PROBE], { env });
    const version = /^(\d+)\.(\d+)/.exec(result.stdout);
    if (!version) continue;
    const recent = Number(version[1]) === OLDEST_PYTHON[0] && Number(version[2]) >= OLDEST_PYTHON[1];
    if (recent && result.code === 0) return command;
    if (recent) lacksVenv = version[0];
    seen.push(`${command} ${version[0]}`);
  }
  if (lacksVenv) {
    throw new MlflowError(`Python ${lacksVenv} is installed, but without its venv module.`, {
      code: "PYTHON_NOT_FOUND",
      hint: `Install it (Debian, Ubuntu: sudo apt install python${lacksVenv}-venv), or start an MLflow server yourself and give its address.`,
    });
  }
  const found = seen.length === 0 ? "none is on the PATH" : `found only ${seen.join(", ")}`;
  throw new MlflowError(`MLflow's server needs Python ${OLDEST_PYTHON.join(".")} or newer; ${found}.`, {
    code: "PYTHON_NOT_FOUND",
    hint: "Install Python (python.org, or: sudo apt install python3 python3-venv, brew install python), or start an MLflow server elsewhere and give its address.",
  });
}
