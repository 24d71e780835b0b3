import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Network, type Plan, results, type StepOutputs, sameBits } from "@isthmus/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPlan, toyRecipe } from "../../test/toy-study.js";
import { readMatrices } from "../steps/continual-metrics.js";

const LEARN = {
  joint: { method: "joint" },
  naive: { method: "naive" },
  avg: { method: "merge", options: { fusion: { method: "mean" } } },
  fed: { method: "merge", options: { fusion: { method: "fed" } } },
  dark: { method: "der", memory: { policy: "reservoir", size: [8, 16], per: "total" } },
  icarl: { method: "icarl", memory: { policy: "herding", size: 9, per: "total" } },
};
const MEMORY = { memory: { size: [4, 8] } };

let plan: Plan;
let root: string;
let study: Awaited<ReturnType<typeof runPlan>>;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "isthmus-continual-"));
  plan = await (await toyRecipe(LEARN, MEMORY)).plan();
  study = await runPlan(plan, join(root, "whole"));
});

afterAll(() => rm(root, { recursive: true }));

const idsOf = (pattern: RegExp) => plan.steps.map(({ id }) => id).filter((id) => pattern.test(id));
const outputs = (id: string): Promise<StepOutputs> => study.outputs(id);

describe("a plan", () => {
  it("learns task after task, evaluates after each, and trains task models once for all who merge them", () => {
    expect(idsOf(/^learn naive/)).toEqual([1, 2, 3].map((t) => `learn naive task ${t}/3 seed=0`));
    expect(idsOf(/^learn task alone/)).toHaveLength(3);
    const models = idsOf(/^learn task alone/);
    for (const row of ["avg", "fed-4", "fed-8"]) {
      const last = plan.steps.find(({ id }) => id === `learn ${row} task 3/3 seed=0`);
      expect(last?.inputs).toEqual({ before: [`learn ${row} task 2/3 seed=0`], taskModels: models });
    }
    expect(idsOf(/^evaluate-stream joint/)).toEqual(["evaluate-stream joint all tasks seed=0"]);
  });

  it("gives a row to each size of the memory, and a memory only to those who use it", () => {
    expect(plan.networks.map(({ row }) => row)).toEqual([
      "joint",
      "naive",
      "avg",
      "fed-4",
      "fed-8",
      "dark-8",
      "dark-16",
      "icarl",
    ]);
    const memoryOf = (id: string) => plan.steps.find((step) => step.id === id)?.options.memory;
    expect(memoryOf("learn avg task 2/3 seed=0")).toBeNull();
    expect(memoryOf("learn fed-8 task 2/3 seed=0")).toEqual({ policy: "random", size: 8, per: "task" });
  });

  it.each([
    [{ x: { method: "navie" } }, 'learn.x.method: there is no learner "navie"'],
    [{ x: { method: "merge", options: { fusion: { method: "maen" } } } }, "learn.x.options.fusion.method"],
    [
      { x: { method: "merge", options: { fusion: { method: "mean", options: { scale: -1 } } } } },
      "learn.x.options.fusion.options.scale",
    ],
    [
      { x: { method: "merge", options: { fusion: { method: "fed" } } } },
      "learn.x: it uses images of earlier tasks",
    ],
    [
      { x: { method: "replay", memory: { policy: "random", size: 8 } } },
      "learn.x: it fills its memory while it trains",
    ],
    [
      { x: { method: "replay", memory: { policy: "balanced", size: 8, per: "task" } } },
      "learn.x: it fills its memory while it trains",
    ],
  ])("refuses %j", async (learn, message) => {
    const recipe = await toyRecipe(learn);
    await expect(recipe.plan()).rejects.toMatchObject({
      code: "recipe/invalid",
      message: expect.stringContaining(message),
    });
  });
});

describe("a study", () => {
  it("evaluates on every task after every task, and its metrics are those of the matrix", async () => {
    const { accuracy, names } = readMatrices(await outputs("continual-metrics naive seed=0"));
    expect(names).toEqual(["left", "middle", "right"]);
    expect(accuracy.map((row) => row.length)).toEqual([3, 3, 3]);
    const row = results(plan, study.records).find(({ model }) => model === "naive");
    const last = accuracy[2];
    expect(row?.metrics["stream/average_accuracy"].mean).toBeCloseTo((last[0] + last[1] + last[2]) / 3, 12);
    expect(row?.accuracy?.mean).toBeCloseTo((100 * (last[0] + last[1] + last[2])) / 3, 8);
    const joint = readMatrices(await outputs("continual-metrics joint seed=0"));
    expect(joint.accuracy).toHaveLength(1);
  });

  it("counts updates and what is kept", async () => {
    // 30 images a task, batch 16, 2 epochs: 4 updates a task; joint 90 images.
    const summary = (row: string) => study.records.get(`continual-metrics ${row} seed=0`)?.summary;
    expect(summary("naive")).toMatchObject({ "compute/updates": 12, "memory/images": 0, "memory/floats": 0 });
    expect(summary("avg")).toMatchObject({ "compute/updates": 12 });
    expect(summary("joint")).toMatchObject({ "compute/updates": 2 * Math.ceil(90 / 16) });
    expect(summary("fed-8")).toMatchObject({ "memory/images": 24, "memory/floats": 24 * 36 });
    // With three logits each; iCaRL with the mean features of three classes, of five hidden units.
    expect(summary("dark-16")).toMatchObject({ "memory/images": 16, "memory/floats": 16 * (36 + 3) });
    expect(summary("icarl")).toMatchObject({ "memory/images": 9, "memory/floats": 9 * 36 + 3 * 5 });
  });

  it("begins all learners at one θ₀: the first task of each is the same network", async () => {
    const [naive, avg] = await Promise.all(
      ["naive", "avg"].map(async (row) => (await outputs(`learn ${row} task 1/3 seed=0`)).network as Network),
    );
    expect(sameBits(naive.params, avg.params)).toBe(true);
  });

  it("goes on after being stopped to the same bits", async () => {
    const controller = new AbortController();
    let epochs = 0;
    const observer = { metrics: () => void (++epochs === 9 && controller.abort()) };
    const folder = join(root, "stopped");
    await expect(runPlan(plan, folder, controller.signal, observer)).rejects.toMatchObject({
      code: "run/aborted",
    });
    const resumed = await runPlan(plan, folder);
    for (const { step } of plan.networks) {
      const [a, b] = [await outputs(step), await resumed.outputs(step)].map(
        ({ network }) => network as Network,
      );
      expect(sameBits(a.params, b.params)).toBe(true);
    }
  });

  it("masks what is remembered of a task as that task was", async () => {
    // Alone in its task, class 2 cannot be mistaken under that task's mask: remembering it bends nothing.
    const learn = { naive: { method: "naive" }, gem: { method: "gem" } };
    const scenario = { method: "split", options: { order: [[2], [0, 1]] } };
    const last = async (mask: string) => {
      const recipe = await toyRecipe(learn, { scenario, mask, memory: { size: 8 } });
      const masked = await runPlan(await recipe.plan(), join(root, mask));
      const [naive, gem] = await Promise.all(
        ["naive", "gem"].map((row) => masked.outputs(`learn ${row} task 2/2 seed=0`)),
      );
      return sameBits((naive.network as Network).params, (gem.network as Network).params);
    };
    expect(await last("task")).toBe(true);
    expect(await last("none")).toBe(false);
  });

  it("leaves figures of all rows, and a table of every accuracy", async () => {
    const record = study.records.get("continual-summary");
    expect(record?.artifacts.map(({ path }) => path).sort()).toEqual([
      "figures/accuracy-matrix.vl.json",
      "figures/accuracy-memory.vl.json",
      "figures/accuracy-seen.vl.json",
      "figures/accuracy-tasks.vl.json",
      "tables/accuracies.csv",
    ]);
    const { figures = {} } = await outputs("continual-summary");
    const text = JSON.stringify(figures["accuracy-matrix"]);
    for (const row of ["naive", "avg", "fed-8"]) expect(text).toContain(`"${row}"`);
    expect(text).not.toContain('"joint"');
  });
});
