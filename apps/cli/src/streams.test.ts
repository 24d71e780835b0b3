import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type ArrayValue,
  decodeCheckpoint,
  type MetricPoint,
  type RunStart,
  type StepRecord,
  writeSafetensors,
} from "@isthmus/core";
import { type JournalEvent, journalFiles, readJournal } from "@isthmus/core/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CliProject, cliProject } from "../test/cli-project.js";

const TASKS = 2;
const EPOCHS = 3;
const stream = `name: stream
experiment: continual
dataset: { name: digits, options: { train: 200, test: 60 } }
scenario: { method: split, options: { tasks: ${TASKS} } }
model: { architecture: mlp, options: { hidden: [8], bias: false } }
training: { epochs: ${EPOCHS}, batchSize: 20, optimizer: { kind: sgd, learningRate: 0.1 } }
memory: { size: 12 }
learn:
  avg: { method: merge, options: { fusion: { method: average } } }
  ot: { method: merge, options: { fusion: { method: ot } } }
  mpf: { method: merge, options: { fusion: { method: curve, options: { at: weights, training: { epochs: 2 } } } } }
`;
const ROWS = ["avg", "ot", "mpf"];

let project: CliProject;
/** What `isthmus run --json` printed. */
let trained: {
  rows: { model: string; accuracy: { mean: number }; metrics: Record<string, { mean: number }> }[];
};
let events: readonly JournalEvent[];

async function run(...args: readonly string[]) {
  const { code, stdout, stderr } = await project.isthmus("run", ...args, "--workers", "1", "--json");
  expect(stderr).not.toContain("error:");
  expect(code).toBe(0);
  return JSON.parse(stdout);
}

beforeAll(async () => {
  project = await cliProject("models", "datasets", "fusion-avg", "fusion-ot", "fusion-curve", "continual");
  await project.write("stream.yaml", stream);
  trained = await run("stream.yaml", "--out", "out");
  const [journal] = journalFiles(join(project.dir, ".isthmus"));
  events = [...readJournal(journal as string)].map(({ event }) => event);
});
afterAll(() => project.remove());

/** Weights of the task models that the run has kept, in order. */
async function keptModels(): Promise<readonly ReadonlyMap<string, ArrayValue>[]> {
  const steps = join(project.dir, ".isthmus/steps");
  const models = new Map<number, ReadonlyMap<string, ArrayValue>>();
  for (const key of await readdir(steps)) {
    const record: StepRecord = JSON.parse(await readFile(join(steps, key, "record.json"), "utf8"));
    const { learner, task } = record.description.options as { learner?: { name: string }; task?: number };
    if (record.kind !== "learn" || learner?.name !== "naive") continue;
    const bytes = await readFile(join(steps, key, "network.safetensors"));
    await writeFile(join(project.dir, `task${task}.safetensors`), bytes);
    models.set(task as number, decodeCheckpoint(bytes, key).params);
  }
  return [...models].sort(([a], [b]) => a - b).map(([, params]) => params);
}

/** A kernel `[inputs, units]` as PyTorch holds it, `[units, inputs]`. */
function transposed({ shape, data }: ArrayValue): ArrayValue {
  const [inputs, units] = shape as [number, number];
  return {
    shape: [units, inputs],
    data: Float32Array.from(data, (_, i) => data[(i % inputs) * units + Math.floor(i / inputs)] as number),
  };
}

describe("a stream of tasks", () => {
  it("is merged from files of its task models, of ours and of others, to the same numbers", async () => {
    const models = await keptModels();
    expect(models).toHaveLength(TASKS);
    const foreign = [...(models[1] as (typeof models)[number]).values()].map(
      (kernel, l) => [`fc${l}.weight`, transposed(kernel)] as const,
    );
    await writeFile(join(project.dir, "theirs.safetensors"), writeSafetensors(new Map(foreign), {}));
    await project.write(
      "files/merged.yaml",
      stream.replace(/^training:.*$/m, "taskModels: [../task0.safetensors, ../theirs.safetensors]"),
    );
    const merged = await run("files/merged.yaml", "--out", "merged");
    ROWS.forEach((row, i) => {
      const [own, expected] = [merged.rows[i], trained.rows[i]];
      expect([own.model, own.accuracy]).toEqual([row, expected?.accuracy]);
      const { "compute/updates": updates, ...numbers } = own.metrics;
      const { "compute/updates": others, ...wanted } = expected?.metrics ?? {};
      expect(numbers).toEqual(wanted);
      expect(Object.keys(numbers)).toContain("stream/forgetting");
      // Task models took 100 / 20 · 3 updates each; the curve `2 · ⌈24 / 128⌉` after the second task.
      const curve = row === "mpf" ? 2 : 0;
      expect([updates?.mean, others?.mean]).toEqual([curve, TASKS * EPOCHS * 5 + curve]);
    });
  });
});

describe("tracking a stream of tasks", () => {
  const runs = () => events.flatMap((event): RunStart[] => (event.type === "start" ? [event.run] : []));
  const uidOf = (name: string) => runs().find((each) => each.name === name)?.uid as string;
  const points = (name: string): readonly MetricPoint[] =>
    events.flatMap((event) => (event.type === "metrics" && event.uid === uidOf(name) ? event.points : []));
  const series = (name: string, key: string) =>
    points(name)
      .filter((point) => point.key === key)
      .map(({ step, value }) => [step, value] as const);

  it("makes each learner a run below the recipe's, all finished", () => {
    expect(runs().map(({ name }) => name)).toEqual(["stream", ...ROWS.map((row) => `${row} seed=0`)]);
    const ends = events.flatMap((event) => (event.type === "end" ? [event.status] : []));
    expect(ends).toEqual(Array(ROWS.length + 1).fill("FINISHED"));
  });

  it("gives accuracies the number of tasks learned as their step, and the values of the table", async () => {
    const table = (await readFile(join(project.dir, "out/continual-summary-accuracies.csv"), "utf8"))
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.match(/("[^"]*"|[^,]+)/g) as string[]);
    for (const row of ROWS) {
      for (let task = 0; task < TASKS; task++) {
        const wanted = table
          .filter(([name, , , on]) => name === row && Number(on) === task + 1)
          .map((cells) => [Number(cells[2]), Number(cells[5])]);
        expect(wanted).toHaveLength(TASKS);
        expect(series(`${row} seed=0`, `accuracy/task_${task}`)).toEqual(wanted);
      }
      const last = (trained.rows.find(({ model }) => model === row)?.accuracy.mean ?? Number.NaN) / 100;
      const all = series(`${row} seed=0`, "accuracy/all");
      expect(all.map(([step]) => step)).toEqual([1, 2]);
      expect(all.at(-1)?.[1]).toBeCloseTo(last, 12);
      expect(series(`${row} seed=0`, "accuracy/seen").at(-1)?.[1]).toBeCloseTo(last, 12);
    }
  });

  it("goes on with the epochs of one task after those of the task before", () => {
    const steps = series("avg seed=0", "train/loss").map(([step]) => step);
    expect(steps).toEqual(Array.from({ length: TASKS * EPOCHS }, (_, i) => i + 1));
    expect(series("mpf seed=0", "fuse/train/loss").map(([step]) => step)).toEqual([3, 4]);
  });

  it("tells what learning took and what was kept", () => {
    const final = (row: string, key: string) => series(`${row} seed=0`, key).at(-1)?.[1];
    // Transport is given the memory as well, as its costs may be activations.
    const images = [0, 12 * TASKS, 12 * TASKS];
    expect(ROWS.map((row) => final(row, "memory/images"))).toEqual(images);
    expect(ROWS.map((row) => final(row, "memory/floats"))).toEqual(images.map((count) => count * 28 * 28));
    expect(ROWS.map((row) => final(row, "compute/updates"))).toEqual([30, 30, 32]);
    for (const row of ROWS) expect(final(row, "compute/seconds")).toBeGreaterThan(0);
  });

  it("adds the figures and the table of all learners to the recipe's run, as files that are there", async () => {
    const artifacts = events.flatMap((event) =>
      event.type === "artifact" && event.uid === uidOf("stream") ? [event] : [],
    );
    const contentOf = async (path: string) => {
      const file = artifacts.find((each) => each.path === `results/${path}`)?.file;
      if (file === undefined) throw new Error(`There is no ${path}.`);
      return readFile(file);
    };
    for (const figure of ["accuracy-matrix", "accuracy-seen", "accuracy-tasks"]) {
      expect((await contentOf(`continual-summary-${figure}.svg`)).toString()).toMatch(/^<svg/);
      const png = await contentOf(`continual-summary-${figure}.png`);
      expect(png.subarray(1, 4).toString()).toBe("PNG");
    }
    const table = (await contentOf("continual-summary-accuracies.csv")).toString().trim().split("\n");
    expect(table).toHaveLength(1 + ROWS.length * TASKS * TASKS);
  });
});
