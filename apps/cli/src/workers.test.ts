import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type CliProject, cliProject, type Running, until } from "../test/cli-project.js";
import { thisMachine, workerCount } from "./run/worker-count.js";

const EPOCHS = 40;
const recipe = `name: two
experiment: fusion
dataset: { name: digits, options: { train: 600, test: 50 } }
partition: { method: special-class }
model: { architecture: mlp, options: { hidden: [16] } }
training: { epochs: ${EPOCHS}, batchSize: 32, optimizer: { kind: adam } }
train:
  b: { part: b }
  joint: { part: joint }
fuse:
  avg: { method: average, of: [b, joint] }
`;

/** A fusion method that kills its process as often as it is told to, and counts that in a file. */
const fragile = `import { appendFileSync, readFileSync } from "node:fs";
const fragile = {
  meta: { name: "fragile", title: "", description: "", needs: ["weights"], laws: { identity: "none" } },
  options: {
    safeParse: (input) => ({ success: true, data: { deaths: 0, log: "", ...input } }),
    jsonSchema: { type: "object" },
  },
  fuse: async ([first], { deaths, log }) => {
    appendFileSync(log, "x");
    if (readFileSync(log, "utf8").length <= deaths) process.kill(process.pid, "SIGKILL");
    return { model: first.model, params: first.params };
  },
};
export default { name: "fragile", version: "1.0.0", setup: (r) => r.add("fusion", "fragile", () => fragile) };`;

let project: CliProject;
beforeAll(async () => {
  project = await cliProject("models", "datasets", "fusion-avg");
  await project.write("two.yaml", recipe);
  const manifest = { isthmus: { apiVersion: 1, provides: { fusion: { fragile: "./index.js" } } } };
  const about = { name: "fragile", version: "1.0.0", type: "module", exports: "./index.js" };
  await project.write("fragile/package.json", JSON.stringify({ ...about, ...manifest }));
  await project.write("fragile/index.js", fragile);
  const plugins = ["models", "datasets", "fusion-avg"].map((name) => `@isthmus/${name}`);
  await project.write("isthmus.config.json", JSON.stringify({ plugins: [...plugins, "./fragile"] }));
});
afterEach(() => rm(kept(), { recursive: true, force: true }));
afterAll(() => project.remove());

const kept = (...path: readonly string[]) => join(project.dir, ".isthmus", ...path);
const names = (folder: string) => readdir(kept(folder)).catch((): string[] => []);
const run = (workers: number, ...more: readonly string[]) => [
  ...["run", "two.yaml", "--workers", `${workers}`, "--out", "out", "--json"],
  ...more,
];

/** Processes that a process has started. */
async function childrenOf({ pid }: Running): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,comm="]);
  const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/));
  return rows
    .filter(([, parent, command]) => Number(parent) === pid && command !== "ps")
    .map(([id]) => Number(id));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Starts a run with two workers in a process group of its own, and waits until both trainings have saved their state. */
async function bothTrain(): Promise<{ readonly running: Running; readonly workers: readonly number[] }> {
  const start = Date.now();
  const running = project.start(run(2), {}, { ownGroup: true });
  let over = false;
  void running.ended.then(() => {
    over = true;
  });
  const isFresh = async (name: string) => (await stat(kept("state", name))).mtimeMs > start;
  await until(async () => {
    if (over) throw new Error(`The run ended too early: ${(await running.ended).stderr}`);
    const states = (await names("state")).filter((name) => name.endsWith(".safetensors"));
    return (states.length === 2 && (await Promise.all(states.map(isFresh))).every(Boolean)) || undefined;
  });
  const workers = await childrenOf(running);
  expect(workers).toHaveLength(2);
  return { running, workers };
}

/** Results of all steps by key: tensors, figures, numbers; not when they were made. */
async function results(): Promise<ReadonlyMap<string, unknown>> {
  const found = new Map<string, unknown>();
  for (const key of await names("steps")) {
    const record = JSON.parse(await readFile(kept("steps", key, "record.json"), "utf8"));
    const series = record.metrics.map(({ timestamp: _, ...point }: { timestamp: number }) => point);
    const files: string[] = [];
    for (const { path } of record.artifacts) {
      const content = await readFile(kept("steps", key, path));
      const header = path.endsWith(".safetensors") ? 8 + Number(content.readBigUInt64LE()) : 0;
      files.push(`${path} ${createHash("sha256").update(content.subarray(header)).digest("hex")}`);
    }
    found.set(key, { summary: record.summary, details: record.details, series, files });
  }
  return found;
}

/** Steps of the training losses in the journals, by run, in the order in which they were written. */
async function journaledEpochs(): Promise<readonly number[][]> {
  const epochs = new Map<string, number[]>();
  for (const name of await names("journal")) {
    for (const line of (await readFile(kept("journal", name), "utf8")).trim().split("\n")) {
      const { type, uid, points } = JSON.parse(line);
      if (type !== "metrics") continue;
      const losses = points.filter(({ key }: { key: string }) => key === "train/loss");
      const steps = losses.map(({ step }: { step: number }) => step);
      epochs.set(uid, [...(epochs.get(uid) ?? []), ...steps]);
    }
  }
  return [...epochs.values()].filter((steps) => steps.length > 0);
}

const ALL = Array.from({ length: EPOCHS }, (_, i) => i + 1);

/** Whether this machine has cores and memory for two workers. */
const room = workerCount({ asked: undefined, backend: "wasm", threads: 1 }, thisMachine()).workers >= 2;

describe.skipIf(!room || process.platform === "win32")("worker processes", () => {
  let expected: ReadonlyMap<string, unknown>;
  beforeAll(async () => {
    const { code, stderr } = await project.isthmus(...run(1, "--backend", "wasm", "--threads", "99999"));
    expect(code).toBe(0);
    expect(stderr).toContain("The backend wasm computes a step with 1 thread, not 99999.");
    expected = await results();
    expect(expected.size).toBe(6);
    await rm(kept(), { recursive: true });
  });

  it("give the bits of one process, whatever is killed: its step is begun once more, from its last state", async () => {
    const { running, workers } = await bothTrain();
    for (const worker of workers) process.kill(worker, "SIGKILL");
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout).steps).toEqual({ total: 6, computed: 6, reused: 0 });
    expect(stderr).toContain("2 workers, 1 thread each.");
    for (const name of ["b", "joint"]) {
      expect(stderr).toContain(
        `train ${name} seed=0: its worker is gone (it was killed by SIGKILL); once more, from its last saved state`,
      );
    }
    expect(await results()).toEqual(expected);
    expect(await journaledEpochs()).toEqual([ALL, ALL]);
    for (const key of await names("steps")) {
      const { kind, metrics, provenance } = JSON.parse(
        await readFile(kept("steps", key, "record.json"), "utf8"),
      );
      if (kind === "train") expect(metrics[0].timestamp).toBeLessThan(provenance.startedAt);
    }
  });

  it("that die twice at a step make it fail, and nothing that does not depend on it", async () => {
    await rm(join(project.dir, "deaths"), { force: true });
    const bad = { method: "fragile", of: ["b", "joint"], options: { deaths: 2, log: "deaths" } };
    const args = ["--set", "training.epochs=1", "--set", `fuse.bad=${JSON.stringify(bad)}`];
    const { code, stdout, stderr } = await project.isthmus(...run(2, ...args));
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("fuse bad seed=0: its worker is gone (it was killed by SIGKILL)");
    expect(stderr).toMatch(
      /error: Step "fuse bad seed=0" \(fuse\) failed: its worker process died twice; the last time it was killed by SIGKILL\./,
    );
    expect(stderr).toContain("--workers 1");
    expect(stderr).toContain("code: step/worker-died");
    const again = await project.isthmus(...run(2, ...args));
    expect(JSON.parse(again.stdout).steps).toEqual({ total: 8, computed: 2, reused: 6 });
  });

  it("end with their parent, however it ends, and any number of them goes on from what they saved", async () => {
    const gone = (workers: readonly number[]) => until(() => !workers.some(isAlive) || undefined);

    const killed = await bothTrain();
    process.kill(killed.running.pid, "SIGKILL");
    await gone(killed.workers);

    const stopped = await bothTrain();
    stopped.running.kill("SIGINT"); // as Ctrl-C in a terminal: to parent and workers
    const { code, stdout, stderr } = await stopped.running.ended;
    expect(code).toBe(130);
    expect(stdout).toBe("");
    expect(stderr).toContain("Start the same command again");
    expect(stderr).not.toContain("its worker is gone");
    expect(stopped.workers.filter(isAlive)).toEqual([]);

    const twice = await bothTrain();
    twice.running.kill("SIGINT");
    twice.running.kill("SIGTERM");
    expect([130, 143]).toContain((await twice.running.ended).code);
    await gone(twice.workers);

    expect((await project.isthmus(...run(1))).code).toBe(0);
    expect(await results()).toEqual(expected);
    expect([...(await names("tmp")), ...(await names("state"))]).toEqual([]);
  });
});

describe("asking for workers", () => {
  it("ends with 2 where the machine has not the cores, or the number is none", async () => {
    const many = await project.isthmus(...run(100_000));
    expect(many).toMatchObject({ code: 2, stdout: "" });
    expect(many.stderr).toContain("code: cli/too-many-workers");
    for (const wrong of ["--workers=0", "--threads=1.5"]) {
      const { code, stderr } = await project.isthmus("run", "two.yaml", wrong);
      expect(code).toBe(2);
      expect(stderr).toContain("whole number from 1");
    }
  });
});
