import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakeClock, fakeCode, fakeHost, fakeIds, fakePorts, toyPlan } from "../../test/fake-project.js";
import type { Plan } from "../contracts/experiment.js";
import type { MetricPoint, RunStart, Tracker } from "../contracts/tracker.js";
import { FileStore } from "../node/file-store.js";
import { execute } from "./execute.js";
import type { RunPorts } from "./ports.js";
import { type PlanTracking, trackPlan } from "./track-plan.js";

/** Everything a tracker was told. */
class Told implements Tracker {
  readonly calls: { readonly call: string; readonly uid: string; readonly detail: unknown }[] = [];
  readonly runs: RunStart[] = [];

  startRun(run: RunStart): void {
    this.runs.push(run);
    this.calls.push({ call: "start", uid: run.uid, detail: run });
  }
  logMetrics(uid: string, points: readonly MetricPoint[]): void {
    this.calls.push({ call: "metrics", uid, detail: points });
  }
  logTags(uid: string, tags: Readonly<Record<string, string>>): void {
    this.calls.push({ call: "tags", uid, detail: tags });
  }
  logArtifact(uid: string, file: string, path: string): void {
    this.calls.push({ call: "artifact", uid, detail: { file, path } });
  }
  endRun(uid: string, status: string, endTime: number): void {
    this.calls.push({ call: "end", uid, detail: { status, endTime } });
  }
  async flush(): Promise<void> {
    this.calls.push({ call: "flush", uid: "", detail: undefined });
  }

  run(name: string): RunStart {
    return this.runs.find((run) => run.name === name) as RunStart;
  }
  of<Detail>(name: string, call: string): Detail[] {
    const { uid } = this.run(name);
    return this.calls
      .filter((each) => each.uid === uid && each.call === call)
      .map(({ detail }) => detail as Detail);
  }
  points(name: string): MetricPoint[] {
    return this.of<MetricPoint[]>(name, "metrics").flat();
  }
}

let root: string;
let store: FileStore;
let ids: ReturnType<typeof fakeIds>;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "isthmus-track-"));
  store = new FileStore(root);
  ids = fakeIds();
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

/** One invocation: executes the plan with tracking, then hands in a table and finishes. */
async function invoke(
  plan: Plan,
  changes: Partial<RunPorts> = {},
  signal?: AbortSignal,
): Promise<{
  readonly told: Told;
  readonly tracking: PlanTracking;
  readonly ports: RunPorts;
  readonly error?: unknown;
}> {
  const ports = fakePorts(store, () => {}, { clock: fakeClock(changes.engine ? 5e9 : 1e6), ...changes });
  const told = new Told();
  const tracking = trackPlan({
    tracker: told,
    clock: ports.clock,
    ids,
    store,
    experiment: "mnist",
    recipe: { name: "table 1", file: "/kept/recipe.yaml", params: { seeds: "1" } },
    source: "recipes/table1.yaml",
    choices: { protocol: "seed" },
    environment: ports.environment,
    engine: ports.engine,
  });
  try {
    await execute(plan, ports, { observer: tracking, ...(signal === undefined ? {} : { signal }) });
    tracking.artifact("/kept/table.md", "table.md");
    await tracking.finish();
    return { told, tracking, ports };
  } catch (error) {
    return { told, tracking, ports, error };
  }
}

/** What must hold of any tracker calls, whatever happened. */
function checkLaws({ calls, runs }: Told): void {
  const [parent, ...children] = runs;
  const state = new Map<string, "running" | "ended">();
  for (const { call, uid } of calls) {
    if (call === "start") {
      expect(state.get(uid)).toBeUndefined();
      state.set(uid, "running");
    } else if (call !== "flush") {
      expect(state.get(uid)).toBe("running");
      if (call === "end") state.set(uid, "ended");
    }
  }
  for (const run of runs) expect(state.get(run.uid)).toBe("ended");
  for (const child of children) expect(child.parent).toBe(parent?.uid);
  const ends = calls.filter(({ call }) => call === "end");
  expect(ends.at(-1)?.uid).toBe(parent?.uid);
  if (runs.length > 0) expect(calls.at(-1)?.call).toBe("flush");
}

describe("tracking a plan", () => {
  it("makes a parent and one run per network, all finished", async () => {
    const { told } = await invoke(toyPlan({ seeds: [0, 1] }));
    checkLaws(told);
    expect(told.runs.map(({ name }) => name)).toEqual([
      "table 1",
      "a seed=0",
      "b seed=0",
      "avg seed=0",
      "a seed=1",
      "b seed=1",
      "avg seed=1",
    ]);
    for (const { name } of told.runs) expect(told.of(name, "end")).toMatchObject([{ status: "FINISHED" }]);
  });

  it("describes a network's run: params, tags, data", async () => {
    const { told } = await invoke(toyPlan());
    expect(told.run("a seed=0")).toMatchObject({
      experiment: "mnist",
      params: { epochs: "3" },
      tags: {
        row: "a",
        seed: "0",
        method: "train",
        protocol: "seed",
        backend: "cpu",
        "isthmus.plugins": "toys 1.2.3",
        "isthmus.step": expect.stringMatching(/^[0-9a-f]{64}$/),
        "mlflow.source.name": "recipes/table1.yaml",
        "mlflow.source.type": "LOCAL",
        "mlflow.source.git.commit": "c".repeat(40),
      },
      datasets: [
        { name: "dots", digest: `dots-1-${"0".repeat(29)}`, context: "training" },
        { name: "dots", context: "evaluation" },
      ],
    });
    expect(told.run("a seed=0").datasets[0]?.digest).toHaveLength(36);
    expect(told.run("a seed=0").tags).not.toHaveProperty("isthmus.reused");
  });

  it("gives each row its color, the same for every seed", async () => {
    const { told } = await invoke(toyPlan({ seeds: [0, 1] }));
    const color = (name: string) => told.run(name).tags["mlflow.runColor"];
    expect(color("a seed=0")).toMatch(/^#[0-9a-f]{6}$/);
    expect(color("a seed=1")).toBe(color("a seed=0"));
    expect(new Set(["a", "b", "avg"].map((row) => color(`${row} seed=0`))).size).toBe(3);
  });

  it("logs series by epoch and evaluations under test/ at step 0, with the times at which they were made", async () => {
    const { told, ports } = await invoke(toyPlan());
    const records = await execute(toyPlan(), ports);
    const [record, evaluation] = [records.get("a 0"), records.get("evaluate a 0")];
    expect(told.points("a seed=0")).toEqual([
      ...(record?.metrics ?? []),
      {
        key: "train/final",
        value: record?.summary["train/final"],
        step: 0,
        timestamp: record?.provenance.finishedAt,
      },
      ...[
        ["test/accuracy", evaluation?.summary["test/accuracy"]],
        ["test/loss", evaluation?.summary.loss],
      ].map(([key, value]) => ({ key, value, step: 0, timestamp: evaluation?.provenance.finishedAt })),
    ]);
  });

  it("adds the checkpoint and the figures as files that exist", async () => {
    const { told } = await invoke(toyPlan());
    const step = told.run("avg seed=0").tags["isthmus.step"] as string;
    expect(told.of("avg seed=0", "artifact")).toEqual([
      { file: join(root, "steps", step, "network.safetensors"), path: "network.safetensors" },
      { file: join(root, "steps", step, "figures", "path.vl.json"), path: "figures/path.vl.json" },
    ]);
  });

  it("ends the parent with mean and deviation per row in percent, the recipe and the caller's files", async () => {
    const { told } = await invoke(toyPlan({ seeds: [0, 1] }));
    const accuracies = [0, 1].map(
      (seed) => told.points(`avg seed=${seed}`).find(({ key }) => key === "test/accuracy")?.value as number,
    );
    const [p, q] = accuracies as [number, number];
    const summary = Object.fromEntries(told.points("table 1").map(({ key, value }) => [key, value]));
    expect(Object.keys(summary)).toEqual(
      ["a", "b", "avg"].flatMap((row) => [`summary/${row}`, `summary/${row}_std`]),
    );
    expect(summary["summary/avg"]).toBeCloseTo(50 * (p + q), 10);
    expect(summary["summary/avg_std"]).toBeCloseTo(50 * Math.abs(p - q), 10);
    expect(told.points("table 1").every(({ step }) => step === 0)).toBe(true);
    expect(told.run("table 1").params).toEqual({ seeds: "1" });
    expect(told.of("table 1", "artifact")).toEqual([
      { file: "/kept/recipe.yaml", path: "recipe.yaml" },
      { file: "/kept/table.md", path: "table.md" },
    ]);
  });

  it("flushes at the end of each step", async () => {
    const { told } = await invoke(toyPlan());
    expect(told.calls.filter(({ call }) => call === "flush")).toHaveLength(toyPlan().steps.length + 1);
  });
});

describe("a start after another", () => {
  it("makes no run where nothing new is computed", async () => {
    await invoke(toyPlan());
    const { told, tracking } = await invoke(toyPlan());
    expect(tracking.uid).toBeUndefined();
    expect(told.calls).toEqual([]);
  });

  it("shows the reused networks with their recorded numbers and times, and all the new ones", async () => {
    const first = await invoke(toyPlan({ methods: ["avg"] }));
    const second = await invoke(toyPlan({ methods: ["avg", "ot"] }), { clock: fakeClock(9e9) });
    checkLaws(second.told);
    expect(second.told.runs.map(({ name }) => name)).toEqual([
      "table 1",
      "a seed=0",
      "b seed=0",
      "avg seed=0",
      "ot seed=0",
    ]);
    for (const name of ["a seed=0", "b seed=0", "avg seed=0"]) {
      expect(second.told.points(name)).toEqual(first.told.points(name));
      expect(second.told.of(name, "end")).toEqual(first.told.of(name, "end"));
      expect(second.told.of(name, "artifact")).toEqual(first.told.of(name, "artifact"));
      expect(second.told.run(name).tags).toMatchObject({ "isthmus.reused": "true" });
      expect(second.told.run(name).uid).not.toBe(first.told.run(name).uid);
    }
    expect(second.told.run("ot seed=0").tags).not.toHaveProperty("isthmus.reused");
    expect(second.told.of<{ endTime: number }>("ot seed=0", "end")[0]?.endTime).toBeGreaterThan(9e9);
  });

  it("keeps a reused network running until its new evaluation is there", async () => {
    await invoke(toyPlan());
    const { told } = await invoke(toyPlan(), {
      code: fakeCode({ "step/evaluate": "edited" }),
      clock: fakeClock(9e9),
    });
    checkLaws(told);
    expect(told.run("a seed=0").tags).toMatchObject({ "isthmus.reused": "true" });
    expect(told.points("a seed=0").filter(({ key }) => key === "test/accuracy")).toHaveLength(1);
    expect(told.of<{ endTime: number }>("a seed=0", "end")[0]?.endTime).toBeGreaterThan(9e9);
  });

  it("gives networks that share a step a run each", async () => {
    const plan = toyPlan();
    const twin = { ...plan.networks[0], row: "twin" } as Plan["networks"][number];
    const { told } = await invoke({ ...plan, networks: [...plan.networks, twin] });
    checkLaws(told);
    expect(told.points("twin seed=0")).toEqual(told.points("a seed=0"));
  });
});

describe("an execution that does not finish", () => {
  const failing = (plan: Plan, id: string): Plan => ({
    ...plan,
    steps: plan.steps.map((step) =>
      step.id === id ? { ...step, options: { ...step.options, failAt: 2 } } : step,
    ),
  });

  it("fails what is running, and the parent", async () => {
    const { told, error } = await invoke(failing(toyPlan(), "b 0"));
    expect(error).toMatchObject({ code: "step/failed" });
    checkLaws(told);
    expect(told.of("a seed=0", "end")).toMatchObject([{ status: "FINISHED" }]);
    expect(told.of("b seed=0", "end")).toMatchObject([{ status: "FAILED" }]);
    expect(told.of("table 1", "end")).toMatchObject([{ status: "FAILED" }]);
    expect(told.run("avg seed=0")).toBeUndefined();
  });

  it("kills what is running, and the parent, where it was stopped", async () => {
    const controller = new AbortController();
    const host = fakeHost(
      () => {},
      async () => controller.abort(),
    );
    const { told } = await invoke(toyPlan(), { host }, controller.signal);
    checkLaws(told);
    expect(told.of("a seed=0", "end")).toMatchObject([{ status: "KILLED" }]);
    expect(told.of("table 1", "end")).toMatchObject([{ status: "KILLED" }]);
  });

  it("shows all numbers again in the run that resumes it", async () => {
    const controller = new AbortController();
    const host = fakeHost(
      () => {},
      async (epoch) => {
        if (epoch === 2) controller.abort();
      },
    );
    const killed = await invoke(toyPlan(), { host }, controller.signal);
    const resumed = await invoke(toyPlan());
    checkLaws(resumed.told);
    const series = (told: Told) => told.points("a seed=0").filter(({ key }) => key === "train/loss");
    expect(series(resumed.told).map(({ step }) => step)).toEqual([1, 2, 3]);
    expect(series(resumed.told).slice(0, 2)).toEqual(series(killed.told));
  });

  it("keeps the laws of order wherever it stops and whatever exists already", {
    timeout: 60_000,
  }, async () => {
    const plan = toyPlan({ seeds: [0, 1], methods: ["avg", "ot"], epochs: 2 });
    const scenario = fc.record({
      steps: fc.integer({ min: 0, max: plan.steps.length }),
      stopAfter: fc.integer({ min: 0, max: 10 }),
      edited: fc.constantFrom("nothing", "fusion/ot", "step/evaluate", "architecture/toy"),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ steps, stopAfter, edited }) => {
        store = new FileStore(await mkdtemp(join(root, "s-")));
        await execute({ steps: plan.steps.slice(0, steps), networks: [] }, fakePorts(store));
        const controller = new AbortController();
        let saves = 0;
        const host = fakeHost(
          () => {},
          async () => {
            if (++saves === stopAfter) controller.abort();
          },
        );
        const code = fakeCode({ [edited]: "edited" });
        const { told } = await invoke(plan, { host, code }, controller.signal);
        checkLaws(told);
      }),
      { numRuns: 20 },
    );
  });
});
