import { setTimeout as sleep } from "node:timers/promises";
import { startSender } from "../start-sender.js";

/** Sends a journal until this process is killed. */
export async function sendUntilKilled(journalFile: string, trackingUri: string): Promise<void> {
  startSender({ journalFile, trackingUri, env: {}, warn: (message) => console.log(message) });
  await sleep(60_000);
}
