import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { IsthmusError } from "@isthmus/core";
import { journalFiles } from "@isthmus/core/node";
import type { Command } from "commander";
import type { Context } from "../context.js";
import { EXIT } from "../failure.js";
import { watchInterruption } from "../interruption.js";
import { openProject } from "../project.js";
import { rejectedFile } from "./rejected-file.js";
import { serverTarget } from "./server-target.js";
import { syncBar } from "./sync-bar.js";
import { type JournalOutcome, syncJournals } from "./sync-journals.js";

interface SyncCommandOptions {
  readonly trackingUri?: string;
}

/** Waits between attempts while a server fails, in milliseconds. */
const RETRY_AFTER = [500, 1000, 2000, 4000];

/** One line about what became of a journal. */
export function outcomeLine({ journal, sent, refused, pending, reason, busy }: JournalOutcome): string {
  const name = basename(journal);
  if (busy) return `${name}: another process sends it, ${pending} events are left to that one`;
  if (sent === 0 && pending === 0) return `${name}: nothing new`;
  const parts = [`${sent} events sent`];
  if (refused > 0) parts.push(`${refused} refused (see ${rejectedFile(journal)})`);
  if (pending > 0)
    parts.push(reason === undefined ? `${pending} more came meanwhile` : `${pending} pending: ${reason}`);
  return `${name}: ${parts.join(", ")}`;
}

/** The address of the server to use. */
export function trackingUriOf(env: Context["env"], given: string | undefined): string | undefined {
  return given ?? (env.MLFLOW_TRACKING_URI || undefined);
}

function noServer(): IsthmusError {
  return new IsthmusError({
    code: "tracking/no-server",
    message: "It is not known which MLflow server to send to.",
    hint: "Give its address with --tracking-uri or MLFLOW_TRACKING_URI; or start one for this project: isthmus ui",
  });
}

async function journalsOf({ cwd }: Context, given: readonly string[]): Promise<readonly string[]> {
  if (given.length === 0) return journalFiles((await openProject(cwd)).kept);
  const journals = given.map((journal) => resolve(cwd, journal));
  const missing = journals.find((journal) => !existsSync(journal));
  if (missing === undefined) return journals;
  throw new IsthmusError({
    code: "tracking/no-journal",
    message: `There is no journal ${missing}.`,
    hint: "Leave the names out to send all journals of this project (.isthmus/journal).",
  });
}

async function sync(context: Context, given: readonly string[], options: SyncCommandOptions): Promise<void> {
  const { env, stdout, stderr } = context;
  const trackingUri = trackingUriOf(env, options.trackingUri);
  if (trackingUri === undefined) throw noServer();
  const journals = await journalsOf(context, given);
  if (journals.length === 0) return stderr.line("This project has no journals yet; isthmus run makes them.");
  const target = serverTarget(trackingUri, env);
  const bar = syncBar(stderr);
  const interruption = watchInterruption(() => stderr.line("Stopping…"));
  try {
    const { outcomes, links } = await syncJournals({
      journals,
      target,
      signal: interruption.signal,
      retryAfter: RETRY_AFTER,
      onStart: (journal, events) => bar.start(basename(journal), events),
      onSent: (events) => bar.add(events),
      onOutcome: (outcome) => {
        bar.end();
        stdout.line(outcomeLine(outcome));
      },
    });
    for (const link of links) stdout.line(link);
    const failed = outcomes.some(({ reason }) => reason !== undefined);
    process.exitCode = interruption.exitCode() ?? (failed ? EXIT.failed : EXIT.ok);
  } finally {
    bar.end();
    interruption.end();
  }
}

/** Adds `isthmus sync`. */
export function syncCommand(program: Command, context: Context): void {
  program
    .command("sync [journals...]")
    .description("send to an MLflow server what it lacks of this project's runs, each exactly once")
    .option("--tracking-uri <uri>", "address of the server (MLFLOW_TRACKING_URI)")
    .action((journals: readonly string[], options: SyncCommandOptions) => sync(context, journals, options));
}
