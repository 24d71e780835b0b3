import { Command } from "commander";
import { dataCommand } from "./commands/data.js";
import { doctorCommand } from "./commands/doctor.js";
import { engineCommand } from "./commands/engine.js";
import { evalCommand } from "./commands/eval.js";
import { fuseCommand } from "./commands/fuse.js";
import { inspectCommand } from "./commands/inspect.js";
import { landscapeCommands } from "./commands/landscape.js";
import { pluginsCommand } from "./commands/plugins.js";
import { runCommand } from "./commands/run.js";
import { trainCommand } from "./commands/train.js";
import type { Context } from "./context.js";
import { VERSION } from "./package-version.js";
import { syncCommand, uiCommand } from "./tracking/index.js";

/** The `isthmus` command with all its subcommands. Errors are thrown, Commander's own included. */
export function createProgram(context: Context): Command {
  const program = new Command("isthmus")
    .description("Merge neural networks and compare how: runs recipes, keeps and tracks what they make.")
    .version(VERSION)
    .option("--debug", "show causes and stack traces of errors")
    .showHelpAfterError("(add --help for what there is)")
    .exitOverride();
  runCommand(program, context);
  trainCommand(program, context);
  evalCommand(program, context);
  fuseCommand(program, context);
  inspectCommand(program, context);
  pluginsCommand(program, context);
  dataCommand(program, context);
  doctorCommand(program, context);
  landscapeCommands(program, context);
  engineCommand(program, context);
  uiCommand(program, context);
  syncCommand(program, context);
  return program;
}
