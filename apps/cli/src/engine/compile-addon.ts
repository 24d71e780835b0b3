import { join } from "node:path";
import { IsthmusError } from "@isthmus/core";
import { makeFolder } from "@isthmus/core/node";
import { commandLine, runTool, saysDiskFull, ToolFailed, type ToolOptions } from "./run-tool.js";

/** The addon, relative to the package; version 8 of Node-API is there since Node 12. */
const ADDON = "lib/napi-v8/tfjs_binding.node";

/** `nodeHeaders`: folder of the package `node-api-headers`. */
function compileArguments(nodeHeaders: string): readonly string[] {
  return [
    ...["-O2", "-std=c++17", "-fPIC", "-shared", "-DNAPI_VERSION=8"],
    ...["-Ibinding", "-Ideps/include", `-I${join(nodeHeaders, "include")}`],
    ...["binding/tfjs_backend.cc", "binding/tfjs_binding.cc"],
    ...["-Ldeps/lib", "-ltensorflow", "-ltensorflow_framework", "-Wl,-rpath,$ORIGIN/../../deps/lib"],
    ...["-o", ADDON],
  ];
}

/** The command as a person would type it in the package's folder. */
export function shownCompile(home: string): string {
  return `cd ${home} && ${commandLine("c++", compileArguments("../../node-api-headers"))}`;
}

/**
 * Compiles the addon of tfjs-node in its package, against the headers and libraries in its `deps`.
 *
 * @returns the addon, relative to the package
 * @throws `engine/compile-failed`
 */
export async function compileAddon(
  compiler: string,
  home: string,
  modules: string,
  options: ToolOptions,
): Promise<string> {
  makeFolder(join(home, "lib/napi-v8"));
  try {
    await runTool(compiler, compileArguments(join(modules, "node-api-headers")), { ...options, cwd: home });
    return ADDON;
  } catch (error) {
    if (!(error instanceof ToolFailed) || saysDiskFull(error.output)) throw error;
    const said = error.output.split("\n").find((line) => /error|undefined reference/i.test(line));
    throw new IsthmusError({
      code: "engine/compile-failed",
      message: `${compiler} could not compile the addon of tfjs-node: ${said?.trim() ?? error.output.trim().slice(-300)}`,
      hint: "It needs a compiler for C++17 (g++ 8, clang 7 or newer): name another one in CXX. The backend blas needs none: isthmus engine install blas",
      cause: error,
    });
  }
}
