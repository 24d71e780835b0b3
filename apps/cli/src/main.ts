import { pathToFileURL } from "node:url";
import { processContext } from "./context.js";
import { exitCodeOf } from "./failure.js";
import { commandToHandOverTo } from "./hand-over.js";
import { createProgram } from "./program.js";
import { reportError } from "./report-error.js";

async function main(): Promise<void> {
  const context = processContext();
  const own = await commandToHandOverTo(import.meta.url, context.cwd);
  if (own !== undefined) {
    await import(pathToFileURL(own).href);
    return;
  }
  const program = createProgram(context);
  try {
    await program.parseAsync();
  } catch (error) {
    reportError(error, context.stderr, program.opts<{ debug?: boolean }>().debug === true);
    process.exitCode = exitCodeOf(error);
  }
}

await main();
