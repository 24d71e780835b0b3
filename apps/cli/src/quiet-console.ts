import { Console } from "node:console";

/**
 * Sends what plugins and libraries print with `console` to stderr, so that stdout holds results only.
 */
export function keepConsoleOffStdout(): void {
  const { log, info, debug, table, dir } = new Console(process.stderr, process.stderr);
  Object.assign(console, { log, info, debug, table, dir });
}
