import { openHost } from "@isthmus/core/node";
import type { Command } from "commander";
import type { Context, Output } from "../context.js";
import type { Check } from "../doctor/check.js";
import { checkBackends, checkNode, checkProject } from "../doctor/check-machine.js";
import { checkMlflow } from "../doctor/check-mlflow.js";
import { checkData, checkPlugins } from "../doctor/check-plugins.js";
import { EXIT } from "../failure.js";
import { dataPlaces, openProject } from "../project.js";

/** Lines that show a check; a fix where something is missing. */
export function checkLines(
  { name, status, message, fix }: Check,
  colors: Output["colors"],
): readonly string[] {
  const marks = {
    ok: colors.green("ok     "),
    note: colors.dim("note   "),
    warning: colors.yellow("warning"),
    broken: colors.red("broken "),
  };
  return [
    `${marks[status]}  ${colors.bold(name)}: ${message}`,
    ...(fix === undefined ? [] : [`         ${colors.cyan("fix:")} ${fix}`]),
  ];
}

async function checks({ cwd, env }: Context, dataDir: string | undefined): Promise<readonly Check[]> {
  const project = await openProject(cwd);
  const host = await openHost(project.root);
  return [
    checkNode(),
    await checkProject(project),
    ...(await checkBackends()),
    ...(await checkPlugins(host)),
    ...(await checkData(host, dataPlaces({ cwd, env }, dataDir))),
    ...(await checkMlflow(env)),
  ];
}

/** Adds `isthmus doctor`. */
export function doctorCommand(program: Command, context: Context): void {
  program
    .command("doctor")
    .description("look whether everything that runs need is there, and say what to do about what is not")
    .option("--data-dir <dir>", "where data sets are looked for (ISTHMUS_DATA_DIR)")
    .option("--json", "print one JSON document")
    .action(async ({ json, dataDir }: { readonly json?: boolean; readonly dataDir?: string }) => {
      const { stdout } = context;
      const found = await checks(context, dataDir);
      const ok = found.every(({ status }) => status !== "broken");
      if (json) stdout.line(JSON.stringify({ ok, checks: found }, undefined, 2));
      else for (const check of found) for (const line of checkLines(check, stdout.colors)) stdout.line(line);
      if (!ok) process.exitCode = EXIT.failed;
    });
}
