import { FileStore } from "../src/node/file-store.js";
import { Journal } from "../src/node/journal.js";
import { execute } from "../src/steps/execute.js";
import { fakeClock, fakeHost, fakeIds, fakePorts, toyPlan } from "./fake-project.js";

/** Trains slowly and says so on standard output, until somebody kills this process. */
export async function trainUntilKilled(root: string, epochs: number): Promise<void> {
  const log = (line: string) => process.stdout.write(`${line}\n`);
  const host = fakeHost(log, async (epoch) => {
    log(`saved ${epoch}`);
  });
  await execute(toyPlan({ epochs }), fakePorts(new FileStore(root), log, { host }));
}

/** Executes a whole plan and says what it computed. */
export async function runPlan(root: string, epochs: number): Promise<void> {
  const log = (line: string) => process.stdout.write(`${line}\n`);
  await execute(toyPlan({ epochs, seeds: [0, 1] }), fakePorts(new FileStore(root), log));
}

/** Kills itself between the artifacts and the record of the first step. */
export async function dieBeforeRecord(root: string): Promise<void> {
  const store = new FileStore(root);
  const details = { toJSON: () => process.kill(process.pid, "SIGKILL") } as never;
  const finish = store.finish.bind(store);
  store.finish = (draft, outputs) => finish(draft, { ...outputs, details });
  await execute(toyPlan(), fakePorts(store));
}

/** Logs numbers to a journal, names its file, and is gone without a word. */
export async function logAndDie(root: string): Promise<void> {
  const journal = new Journal(root, { clock: fakeClock(), ids: fakeIds() });
  for (let step = 0; step < 1000; step++) {
    journal.logMetrics("run", [{ key: "train/loss", value: Number.NaN, step, timestamp: step }]);
  }
  process.kill(process.pid, "SIGKILL");
}
