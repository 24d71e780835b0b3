import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakeCode, fakeHost, fakePorts, toyPlan } from "../../test/fake-project.js";
import type { Plan } from "../contracts/experiment.js";
import { FileStore } from "../node/file-store.js";
import { execute } from "./execute.js";
import { modelBuilder } from "./model-builder.js";
import { joinObservers, type PlanObserver } from "./plan-observer.js";
import type { RunPorts } from "./ports.js";

let root: string;
let log: string[];
let store: FileStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "isthmus-execute-"));
  store = new FileStore(root);
  log = [];
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

const ports = (changes: Partial<RunPorts> = {}) => fakePorts(store, (line) => log.push(line), changes);
const computed = () => log.filter((line) => !line.startsWith("epoch")).map((line) => line.split(" ")[0]);

/** Writes down which observer method is called for which step. */
function recorder(events: string[]): PlanObserver {
  return {
    planned: (_plan, steps, reused) => void events.push(`planned ${steps.size} reused ${reused.size}`),
    stepStarted: ({ id }) => void events.push(`started ${id}`),
    progress: ({ id }, done, total, unit) => void events.push(`progress ${id} ${done}/${total} ${unit}`),
    metrics: ({ id }, points) => void events.push(`metrics ${id} ${points.map(({ step }) => step).join()}`),
    stepFinished: ({ id }, _record, reused) => void events.push(`finished ${id}${reused ? " reused" : ""}`),
    failed: () => void events.push("failed"),
  };
}

describe("executing a plan", () => {
  it("runs every step once, in order, and gives their records", async () => {
    const plan = toyPlan();
    const records = await execute(plan, ports());
    expect(computed()).toEqual(["train", "evaluate", "train", "evaluate", "fuse", "evaluate"]);
    expect([...records.keys()]).toEqual(plan.steps.map(({ id }) => id));
    expect(records.get("a 0")?.metrics.map(({ key, step, value }) => [key, step, value])).toEqual([
      ["train/loss", 1, 1],
      ["train/loss", 2, 1 / 2],
      ["train/loss", 3, 1 / 3],
    ]);
  });

  it("hands on the mean that the fusion made: the average of both networks", async () => {
    const records = await execute(toyPlan(), ports());
    const final = (id: string) => records.get(id)?.summary["train/final"] as number;
    const mean = Math.fround((final("a 0") + final("b 0")) / 2);
    expect(records.get("evaluate avg 0")?.summary.loss).toBe(1 / mean);
  });

  it("keeps all outputs, to the bit", async () => {
    const records = await execute(toyPlan(), ports());
    const record = records.get("avg 0");
    const outputs = await store.outputs(record as never, modelBuilder(ports().host));
    const params = outputs.network?.params.get("w");
    expect(outputs.network?.model.spec.architecture).toBe("toy");
    expect(outputs.extra?.["bend/1"]?.get("w")).toEqual(params);
    expect(outputs.arrays?.plan).toEqual({ shape: [2], data: Float32Array.of(Number.NaN, -0) });
    expect(outputs.figures).toEqual({ path: { mark: "line" } });
    expect(records.get("evaluate avg 0")?.details).toEqual({ perClass: [Number.NaN, 1] });
  });

  it("says where a record comes from", async () => {
    const record = (await execute(toyPlan(), ports())).get("a 0");
    expect(record?.provenance).toMatchObject({
      environment: { platform: "test", commit: "c".repeat(40) },
      engine: { backend: "cpu", threads: 1 },
      plugins: { toys: "1.2.3" },
    });
    const { startedAt, finishedAt, seconds } = record?.provenance ?? {
      startedAt: 0,
      finishedAt: 0,
      seconds: 0,
    };
    expect(seconds).toBe((finishedAt - startedAt) / 1000);
    const times = (record?.metrics ?? []).map(({ timestamp }) => timestamp);
    expect(times.every((time) => startedAt < time && time < finishedAt)).toBe(true);
  });

  it("computes nothing the second time", async () => {
    const first = await execute(toyPlan(), ports());
    log = [];
    expect(await execute(toyPlan(), ports())).toEqual(first);
    expect(log).toEqual([]);
  });

  it("recomputes what an edited method touches, and reads the rest from the store", async () => {
    const plan = toyPlan({ methods: ["avg", "ot"] });
    await execute(plan, ports());
    log = [];
    await execute(plan, ports({ code: fakeCode({ "fusion/ot": "edited" }) }));
    expect(computed()).toEqual(["fuse", "evaluate"]);
    expect(log[0]).toBe("fuse ot 0");
  });

  it("shares steps between plans", async () => {
    await execute(toyPlan({ methods: ["avg"] }), ports());
    log = [];
    await execute(toyPlan({ methods: ["ot"] }), ports());
    expect(computed()).toEqual(["fuse", "evaluate"]);
  });

  it("shares steps within a plan", async () => {
    const { steps } = toyPlan();
    const twin = { ...steps[0], id: "twin" } as (typeof steps)[number];
    const records = await execute({ steps: [...steps, twin], networks: [] }, ports());
    expect(records.get("twin")).toEqual(records.get("a 0"));
    expect(computed().filter((kind) => kind === "train")).toHaveLength(2);
  });

  it("reads the outputs of a finished step once, and none where nothing runs", async () => {
    const plan = toyPlan({ methods: ["avg", "ot"] });
    const trained: Plan = { steps: plan.steps.slice(0, 4), networks: [] };
    await execute(trained, ports());
    const read: string[] = [];
    const outputs = store.outputs.bind(store);
    store.outputs = (record, buildModel) => {
      read.push(record.kind);
      return outputs(record, buildModel);
    };
    await execute(plan, ports());
    expect(read).toEqual(["train", "train"]);
    await execute(plan, ports());
    expect(read).toHaveLength(2);
  });

  it("loads a data set once, and not at all where nothing is trained", async () => {
    let loads = 0;
    const counted = () => {
      const { datasets } = ports();
      return {
        digest: datasets.digest,
        load: (ref: Parameters<typeof datasets.load>[0]) => {
          loads += 1;
          return datasets.load(ref);
        },
      };
    };
    const { datasets } = ports();
    const set = await datasets.load({ name: "dots", options: {} });
    expect(await datasets.load({ options: {}, name: "dots" })).toBe(set);
    await execute(toyPlan(), ports({ datasets: counted() }));
    expect(loads).toBe(2);
    await execute(toyPlan(), ports({ datasets: counted() }));
    expect(loads).toBe(2);
  });

  it("tells what happens, in order", async () => {
    const events: string[] = [];
    const again: string[] = [];
    await execute(toyPlan({ epochs: 1 }), ports(), {
      observer: joinObservers(recorder(events), recorder(again)),
    });
    expect(events.slice(0, 7)).toEqual([
      "planned 6 reused 0",
      "started a 0",
      "metrics a 0 1",
      "progress a 0 1/1 epochs",
      "finished a 0",
      "started evaluate a 0",
      "finished evaluate a 0",
    ]);
    expect(again).toEqual(events);
    const reused: string[] = [];
    await execute(toyPlan({ epochs: 1 }), ports(), { observer: recorder(reused) });
    expect(reused).toEqual([
      "planned 6 reused 6",
      ...toyPlan().steps.map(({ id }) => `finished ${id} reused`),
    ]);
  });
});

describe("a step that fails", () => {
  it("ends the execution with its id, and keeps what was finished", async () => {
    const plan = toyPlan();
    const steps = plan.steps.map((step) =>
      step.id === "b 0" ? { ...step, options: { ...step.options, failAt: 2 } } : step,
    );
    const events: string[] = [];
    await expect(execute({ ...plan, steps }, ports(), { observer: recorder(events) })).rejects.toMatchObject({
      code: "step/failed",
      message: 'Step "b 0" (train) failed: the loss is purple',
      hint: expect.stringContaining("finished steps are kept"),
    });
    expect(events.at(-1)).toBe("failed");
    log = [];
    await execute(plan, ports());
    expect(computed()).toEqual(["train", "evaluate", "fuse", "evaluate"]);
  });

  it("keeps the code and the hint of its error", async () => {
    const host = fakeHost(() => {});
    const broken = { ...(await host.resolve("step", "fuse")) };
    broken.run = async () => {
      throw Object.assign(new Error("too wide"), {
        code: "fusion/x",
        hint: "narrow it",
        [Symbol.for("isthmus.error")]: true,
      });
    };
    const resolve = async (kind: string, name: string) =>
      name === "fuse" ? broken : host.resolve(kind as "step", name);
    await expect(
      execute(toyPlan(), ports({ host: { ...host, resolve: resolve as never } })),
    ).rejects.toMatchObject({
      code: "fusion/x",
      hint: "narrow it",
      message: 'Step "avg 0" (fuse) failed: too wide',
    });
  });

  it("goes on from its last saved epoch to the same bits, with all its numbers", async () => {
    const plan = toyPlan();
    const crashing = fakeHost(
      (line) => log.push(line),
      async (epoch) => {
        if (epoch === 2) throw new Error("power");
      },
    );
    await expect(execute(plan, ports({ host: crashing }))).rejects.toThrow("power");
    log = [];
    const events: string[] = [];
    const records = await execute(plan, ports(), { observer: recorder(events) });
    expect(log.slice(0, 2)).toEqual(["train 0", "epoch 3"]);
    expect(events.filter((event) => event.startsWith("metrics a"))).toEqual([
      "metrics a 0 1,2",
      "metrics a 0 3",
    ]);
    expect(records.get("a 0")?.metrics.map(({ step }) => step)).toEqual([1, 2, 3]);

    const uninterrupted = await execute(plan, fakePorts(new FileStore(join(root, "other"))));
    expect(records.get("evaluate avg 0")?.summary).toEqual(uninterrupted.get("evaluate avg 0")?.summary);
    expect(await readdir(join(root, "state"))).toEqual([]);
  });
});

describe("aborting", () => {
  it("stops within a step, keeps what was finished and leaves no record of the step under way", async () => {
    const controller = new AbortController();
    const host = fakeHost(
      (line) => log.push(line),
      async (epoch) => {
        if (epoch === 2 && log.includes("train 1")) controller.abort();
      },
    );
    const events: string[] = [];
    const running = execute(toyPlan(), ports({ host }), {
      signal: controller.signal,
      observer: recorder(events),
    });
    await expect(running).rejects.toMatchObject({ code: "run/aborted" });
    expect(events.at(-1)).toBe("failed");
    expect(await readdir(join(root, "steps"))).toHaveLength(2);
    log = [];
    await execute(toyPlan(), ports());
    expect(log.slice(0, 2)).toEqual(["train 1", "epoch 3"]);
  });

  it("before the start runs nothing", async () => {
    await expect(execute(toyPlan(), ports(), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "run/aborted",
    });
    expect(log).toEqual([]);
  });
});
