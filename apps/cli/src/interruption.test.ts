import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CliProject, cliProject, type Running, until } from "../test/cli-project.js";

const recipe = `name: slow
experiment: fusion
dataset: { name: digits, options: { train: 600, test: 50 } }
partition: { method: special-class }
model: { architecture: mlp, options: { hidden: [16] } }
training: { epochs: 60, batchSize: 32, optimizer: { kind: adam } }
train:
  a: { part: a }
  b: { part: b }
fuse:
  avg: { method: average, of: [a, b] }
`;

/** What these tests read of a step's record. */
interface Trained {
  readonly kind: string;
  readonly metrics: readonly { readonly key: string; readonly step: number; readonly timestamp: number }[];
  /** `startedAt`: of the last start, where the step was resumed. */
  readonly provenance: { readonly startedAt: number };
}

let project: CliProject;
beforeAll(async () => {
  project = await cliProject("models", "datasets", "fusion-avg");
  await project.write("slow.yaml", recipe);
});
afterAll(() => project.remove());

const isthmus = () => join(project.dir, ".isthmus");
const files = (folder: string) => readdir(join(isthmus(), folder)).catch((): string[] => []);
const start = () => project.start(["run", "slow.yaml", "--workers", "1", "--out", "out", "--json"]);
const table = () => readFile(join(project.dir, "out/results.csv"), "utf8");

/** Waits until a training under way has saved its state, with `steps` steps finished. */
async function savedState(running: Running, steps: number): Promise<void> {
  let over = false;
  void running.ended.then(() => {
    over = true;
  });
  await until(async () => {
    if (over) throw new Error("The run ended before it could be interrupted.");
    const states = (await files("state")).filter((name) => name.endsWith(".safetensors"));
    return states.length > 0 && (await files("steps")).length >= steps ? true : undefined;
  });
}

/** Records of the training steps. */
async function trained(): Promise<readonly Trained[]> {
  const records = (await files("steps")).map(
    async (key): Promise<Trained> =>
      JSON.parse(await readFile(join(isthmus(), "steps", key, "record.json"), "utf8")),
  );
  return (await Promise.all(records)).filter(({ kind }) => kind === "train");
}

describe("a run that is interrupted", () => {
  it("goes on where it was, after kill -9 and after Ctrl-C, and ends with the same numbers", async () => {
    const whole = await start().ended;
    expect(whole.code).toBe(0);
    const expected = await table();
    await rm(isthmus(), { recursive: true });
    await rm(join(project.dir, "out"), { recursive: true });

    const killed = start();
    await savedState(killed, 0);
    killed.kill("SIGKILL");
    expect((await killed.ended).signal).toBe("SIGKILL");

    const stopped = start();
    await savedState(stopped, 2);
    stopped.kill("SIGINT");
    const { code, stdout, stderr } = await stopped.ended;
    expect(code).toBe(130);
    expect(stdout).toBe("");
    expect(stderr).toContain("Start the same command again");

    const last = await start().ended;
    expect(last.code).toBe(0);
    expect(JSON.parse(last.stdout).steps.reused).toBeGreaterThanOrEqual(2);
    expect(await table()).toBe(expected);

    const steps = await trained();
    expect(steps).toHaveLength(2);
    for (const { metrics, provenance } of steps) {
      const losses = metrics.filter(({ key }) => key === "train/loss");
      expect(losses.map(({ step }) => step)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
      expect(losses[0]?.timestamp).toBeLessThan(provenance.startedAt);
    }
    expect(await files("state")).toEqual([]);
  });

  it("ends with 143 after SIGTERM", async () => {
    await rm(isthmus(), { recursive: true, force: true });
    const running = start();
    await savedState(running, 0);
    running.kill("SIGTERM");
    expect((await running.ended).code).toBe(143);
  });
});
