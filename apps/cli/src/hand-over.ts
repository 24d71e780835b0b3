import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProject } from "@isthmus/core/node";

const HANDED_OVER = Symbol.for("isthmus.cli.handed-over");

/** The file of the command that a project has installed; undefined where it has none. */
export function installedCommand(project: string): string | undefined {
  const require = createRequire(join(project, "package.json"));
  try {
    const manifest = require.resolve("@isthmus/cli/package.json");
    const { bin } = require(manifest) as { readonly bin?: { readonly isthmus?: string } };
    return bin?.isthmus === undefined ? undefined : realpathSync(join(dirname(manifest), bin.isthmus));
  } catch {
    return undefined;
  }
}

/** The package of a file in its `bin` or `dist`. */
const packageOf = (file: string): string => dirname(dirname(file));

/**
 * The command to hand over to: the project's own, where a different one (a global one) was started. Only once per process,
 * so that two commands can never hand over to each other forever.
 *
 * @param self URL of the file that was started
 */
export async function commandToHandOverTo(self: string, cwd: string): Promise<string | undefined> {
  const state = globalThis as { [HANDED_OVER]?: boolean };
  if (state[HANDED_OVER]) return undefined;
  state[HANDED_OVER] = true;
  const project = await findProject(cwd);
  const own = project === undefined ? undefined : installedCommand(project);
  return own === undefined || packageOf(own) === packageOf(realpathSync(fileURLToPath(self)))
    ? undefined
    : own;
}
