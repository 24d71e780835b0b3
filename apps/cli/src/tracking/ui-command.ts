import { IsthmusError } from "@isthmus/core";
import { cacheDir, journalFiles } from "@isthmus/core/node";
import { type Command, InvalidArgumentError } from "commander";
import type { Context } from "../context.js";
import { Failure } from "../failure.js";
import { watchInterruption } from "../interruption.js";
import { openProject } from "../project.js";
import { installNotes } from "./install-notes.js";
import { serveProject } from "./serve-project.js";
import { serverTarget } from "./server-target.js";
import { outcomeLine, trackingUriOf } from "./sync-command.js";
import { syncJournals } from "./sync-journals.js";

interface UiOptions {
  readonly port?: number;
  readonly trackingUri?: string;
}

/** Folder of the environments with MLflow that `isthmus ui` installs, one for all projects. */
export function mlflowCacheDir(): string {
  return cacheDir();
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new InvalidArgumentError("Give a whole number from 1 to 65535.");
}

/** Sends the project's runs to a server that runs already, and tells where they are. */
async function showOn(trackingUri: string, kept: string, { env, stdout, stderr }: Context): Promise<void> {
  const target = serverTarget(trackingUri, env);
  const { client } = target;
  if (!(await client.health())) {
    throw new IsthmusError({
      code: "tracking/unreachable",
      message: `No MLflow server answers at ${client.trackingUri}.`,
      hint: "Start it, correct the address, or leave it out (--tracking-uri, MLFLOW_TRACKING_URI): then isthmus ui starts a server of its own.",
    });
  }
  const { signal, end } = watchInterruption(() => stderr.line("Stopping…"));
  try {
    const { links } = await syncJournals({
      journals: journalFiles(kept),
      target,
      signal,
      retryAfter: [500, 1000],
      onOutcome: (outcome) => stderr.line(outcomeLine(outcome)),
    });
    for (const link of links.length > 0 ? links : [client.trackingUri]) stdout.line(link);
  } finally {
    end();
  }
}

/** Starts a server for the project and keeps it until Ctrl-C, which is its usual end and no failure. */
async function serve(
  kept: string,
  port: number | undefined,
  { env, stdout, stderr }: Context,
): Promise<void> {
  const interruption = watchInterruption(() => stderr.line("Stopping…"));
  const notes = installNotes(stderr);
  let ready = false;
  try {
    await serveProject({
      kept,
      port,
      env: { ...env },
      cacheDir: mlflowCacheDir(),
      signal: interruption.signal,
      say: (line) => {
        notes.end();
        stderr.line(line);
      },
      installing: notes.line,
      onReady: (url) => {
        ready = true;
        stderr.line(`MLflow is at ${url} (Ctrl-C ends it). Runs appear there as they are made.`);
      },
      onServed: (url) => {
        stderr.line("Another process serves this project already, at");
        stdout.line(url);
      },
      onLink: (url) => stdout.line(url),
    });
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    if (!ready) throw new Failure(error, interruption.exitCode() ?? 1);
  } finally {
    notes.end();
    interruption.end();
  }
}

/** Adds `isthmus ui`. */
export function uiCommand(program: Command, context: Context): void {
  program
    .command("ui")
    .description("show this project's runs in MLflow: on your server, else on one it starts here")
    .option(
      "--port <number>",
      "port of the server that is started (default: 5000, or any if that is taken)",
      portOf,
    )
    .option("--tracking-uri <uri>", "a server that runs already (MLFLOW_TRACKING_URI)")
    .action(async ({ port, trackingUri }: UiOptions) => {
      const { kept } = await openProject(context.cwd);
      const uri = trackingUriOf(context.env, trackingUri);
      if (uri === undefined) await serve(kept, port, context);
      else await showOn(uri, kept, context);
    });
}
