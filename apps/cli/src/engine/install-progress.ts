import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Output } from "../context.js";
import { describePace } from "../progress/describe.js";
import { Pace } from "../progress/pace.js";
import { bars } from "../progress/progress-bars.js";

/** Tells how an installation gets on. */
export interface InstallProgress {
  /** A line for what begins now. */
  line(text: string): void;
  /** Shows the growth of a folder, as a bar on a terminal, while something is downloaded into it. */
  growing<Result>(folder: string, bytes: number, work: () => Promise<Result>): Promise<Result>;
}

/** How often a folder is looked at, in milliseconds. */
const INTERVAL = 200;

/** Bytes of the files in a folder; those that vanish meanwhile count nothing. */
async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Progress on stderr. */
export function installProgress(output: Output): InstallProgress {
  return {
    line: (text) => output.line(text),
    growing: async (folder, bytes, work) => {
      if (!output.isTerminal) return work();
      const multi = bars();
      const bar = multi.create(bytes, 0, { label: "downloading", note: "" });
      const pace = new Pace();
      const timer = setInterval(async () => {
        const done = Math.min(await bytesIn(folder), bytes);
        pace.report(done, bytes, "bytes", performance.now());
        bar.update(done, { note: describePace(pace.status) });
      }, INTERVAL);
      try {
        return await work();
      } finally {
        clearInterval(timer);
        multi.stop();
      }
    },
  };
}
