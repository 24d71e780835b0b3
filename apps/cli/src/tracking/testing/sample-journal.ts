import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunStart } from "@isthmus/core";
import { Journal, randomIds } from "@isthmus/core/node";

/** Some moment in 2023, in milliseconds since 1970. */
export const START = 1_700_000_000_000;

/** A project's folder of its own, with a journal to be filled. */
export function sampleProject(): { readonly root: string; readonly journal: Journal } {
  const root = join(mkdtempSync(join(tmpdir(), "isthmus-tracking-")), ".isthmus");
  return { root, journal: new Journal(root, { clock: { now: () => START }, ids: randomIds }) };
}

/** Name of an experiment of its own. */
export function experimentName(): string {
  return `experiment ${randomIds.next()}`;
}

/** The start of a run, ordinary but for what is given. */
export function runStart(more: Partial<RunStart> & Pick<RunStart, "uid" | "experiment">): RunStart {
  return { name: more.uid, startTime: START, params: {}, tags: {}, datasets: [], ...more };
}

/** The loss after an epoch of a sample network. */
export function lossAt(network: number, epoch: number): number {
  return 1 / (epoch + network + 1);
}

/** What {@link writeSample} wrote. */
export interface Sample {
  readonly experiment: string;
  readonly parent: string;
  readonly children: readonly string[];
  readonly epochs: number;
}

const ROWS = ["joint", "average", "ot"];
const COLORS = ["#0072b2", "#d55e00", "#009e73"];

/** Writes an invocation as Isthmus does: a parent, and below it networks with series, results, data and artifacts. */
export function writeSample(
  root: string,
  journal: Journal,
  { experiment, networks = 2, epochs = 5 }: { experiment: string; networks?: number; epochs?: number },
): Sample {
  const file = join(root, "files", "recipe.yaml");
  mkdirSync(join(root, "files"), { recursive: true });
  writeFileSync(file, "name: sample\n");
  const parent = randomIds.next();
  journal.startRun(runStart({ uid: parent, experiment, name: "sample", params: { epochs: String(epochs) } }));
  journal.logArtifact(parent, file, "recipe.yaml");
  journal.logArtifact(parent, file, "figures/plan%2F0.txt");
  const children = Array.from({ length: networks }, () => randomIds.next());
  for (const [index, uid] of children.entries())
    writeChild(journal, uid, parent, index, { experiment, epochs });
  const end = START + 60_000 * networks;
  journal.logMetrics(parent, [{ key: "summary/joint", value: 90, step: 0, timestamp: end }]);
  journal.endRun(parent, "FINISHED", end);
  journal.close();
  return { experiment, parent, children, epochs };
}

function writeChild(
  journal: Journal,
  uid: string,
  parent: string,
  index: number,
  { experiment, epochs }: { experiment: string; epochs: number },
): void {
  const row = ROWS[index % ROWS.length] as string;
  const seed = String(Math.floor(index / ROWS.length));
  const startTime = START + 60_000 * index;
  const end = startTime + 50_000;
  journal.startRun({
    uid,
    parent,
    experiment,
    name: `${row} seed=${seed}`,
    startTime,
    params: { "optimizer.learningRate": "0.07", hidden: "[400,200]" },
    tags: {
      row,
      seed,
      protocol: "paper",
      method: row,
      backend: "wasm",
      "mlflow.runColor": COLORS[index % COLORS.length] as string,
    },
    datasets: [
      {
        name: "digits",
        digest: "0123456789abcdef0123456789abcdef",
        context: "training",
        source: { dataset: "digits" },
      },
    ],
  });
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const timestamp = startTime + 1000 * epoch;
    journal.logMetrics(uid, [
      { key: "train/loss", value: lossAt(index, epoch), step: epoch, timestamp },
      { key: "train/learning_rate", value: 0.07 * 0.9 ** epoch, step: epoch, timestamp },
    ]);
  }
  journal.logMetrics(uid, [
    { key: "test/accuracy", value: 0.9 - 0.01 * index, step: 0, timestamp: end },
    { key: "test/loss", value: 0.3 + 0.02 * index, step: 0, timestamp: end },
  ]);
  journal.endRun(uid, "FINISHED", end);
}
