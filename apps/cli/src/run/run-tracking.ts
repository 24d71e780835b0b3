import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { PlanTracking } from "@isthmus/core";
import type { Journal } from "@isthmus/core/node";
import { keepFile } from "@isthmus/core/node";
import { startSender } from "../tracking/index.js";

/** How long the end of a command waits for what has not been sent yet, in milliseconds. */
const DEADLINE = 5000;

/** Files that the parent run of a tracking server gets. */
const SHOWN = /\.(csv|json|md|npz|html|svg|png)$/;

/** Adds results to the parent run, as copies that stay as they are. Does nothing where nothing was computed. */
export async function attachResults(
  tracking: PlanTracking,
  kept: string,
  files: readonly string[],
): Promise<void> {
  if (tracking.uid === undefined) return;
  for (const file of files.filter((each) => SHOWN.test(each))) {
    const name = basename(file);
    tracking.artifact(await keepFile(kept, name, await readFile(file)), `results/${name}`);
  }
}

/** Sends a journal to a tracking server while it is written. */
export interface JournalSender {
  /** Sends the rest, as far as that goes within a few seconds; gives lines that say how it went. */
  close(): Promise<readonly string[]>;
}

/** Starts to send a journal; undefined without a tracking server. */
export function sendJournal(
  journal: Journal,
  trackingUri: string | undefined,
  env: NodeJS.ProcessEnv,
  warn: (message: string) => void,
): JournalSender | undefined {
  if (trackingUri === undefined) return undefined;
  const sender = startSender({ journalFile: journal.file, trackingUri, env, warn });
  return {
    close: async () => {
      const { sent, refused, pending, links } = await sender.close(DEADLINE);
      if (pending > 0) {
        return [
          `${pending} events are still to be sent to MLflow. Nothing is lost; send them later: isthmus sync`,
        ];
      }
      const all =
        refused === 0
          ? "All runs were sent to MLflow."
          : `Runs were sent to MLflow, but for ${refused} parts that it refused.`;
      return sent === 0 ? [] : [all, ...links.map((link) => `  ${link}`)];
    },
  };
}
