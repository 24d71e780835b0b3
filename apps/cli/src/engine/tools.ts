import { IsthmusError } from "@isthmus/core";
import { runTool, ToolFailed, type ToolOptions } from "./run-tool.js";

/** The first of some programs that answers; `undefined` where none does. */
async function firstThatAnswers(
  commands: readonly string[],
  args: readonly string[],
  options: ToolOptions,
): Promise<string | undefined> {
  for (const command of commands) {
    try {
      await runTool(command, args, options);
      return command;
    } catch (error) {
      if (!(error instanceof ToolFailed)) throw error;
    }
  }
  return undefined;
}

function missing(what: string, hint: string): IsthmusError {
  return new IsthmusError({ code: "engine/tool-missing", message: `There is no ${what} here.`, hint });
}

/** A Python that has pip. Only its pip is used: it knows the mirrors and proxies of this machine. */
export async function findPython(options: ToolOptions): Promise<string> {
  const names = process.platform === "win32" ? ["python", "py"] : ["python3", "python"];
  const found = await firstThatAnswers(names, ["-m", "pip", "--version"], options);
  if (found !== undefined) return found;
  const python = await firstThatAnswers(names, ["--version"], options);
  if (python === undefined)
    throw missing("Python", "Install Python 3.8 or newer with pip; the library comes in a Python package.");
  throw missing(
    `pip for ${python}`,
    `Install it (Debian and Ubuntu: apt install python3-pip; elsewhere: ${python} -m ensurepip).`,
  );
}

/** A compiler for C++17: `CXX`, else the usual names. */
export async function findCompiler(options: ToolOptions): Promise<string> {
  const names = [...(options.env.CXX ? [options.env.CXX] : []), "c++", "g++", "clang++"];
  const found = await firstThatAnswers(names, ["--version"], options);
  if (found === undefined)
    throw missing(
      "C++ compiler",
      "Install one (Debian and Ubuntu: apt install g++; Fedora: dnf install gcc-c++), or name it in CXX. The backend blas needs none: isthmus engine install blas",
    );
  return found;
}

/** Makes sure that there is npm. */
export async function findNpm(options: ToolOptions): Promise<string> {
  if ((await firstThatAnswers(["npm"], ["--version"], options)) !== undefined) return "npm";
  throw missing("npm", "It comes with Node.js: put the folder of node on the PATH.");
}
