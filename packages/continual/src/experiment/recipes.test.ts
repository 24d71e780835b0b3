import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type JsonObject, type Plan, type PluginHost, readRecipe } from "@isthmus/core";
import { openHost } from "@isthmus/core/node";
import { beforeAll, describe, expect, it } from "vitest";

const root = new URL("../../../../", import.meta.url);
let host: PluginHost;

beforeAll(async () => {
  host = await openHost(fileURLToPath(root));
});

/** The plan of one seed of a recipe that comes with the project. */
async function planned(name: string): Promise<Plan> {
  const text = await readFile(new URL(`recipes/${name}.yaml`, root), "utf8");
  return (await readRecipe(text, { file: `${name}.yaml`, sets: ["seeds=[0]"] }, host)).plan();
}

/** Options of the step in which a row of a plan learns its last task. */
function lastOf({ steps, networks }: Plan, row: string): JsonObject {
  const id = networks.find((each) => each.row === row)?.step;
  const found = steps.find((each) => each.id === id);
  if (found === undefined) throw new Error(`There is no row "${row}".`);
  return found.options;
}

/** Options of the fusion method that a row calls, with their defaults. */
async function fusionOf(plan: Plan, row: string): Promise<JsonObject> {
  const { options } = lastOf(plan, row).learner as {
    options: { fusion: { method: string; options: JsonObject } };
  };
  return host.checkOptions("fusion", options.fusion.method, options.fusion.options);
}

const sgd = (learningRate: number, weightDecay: number) => ({
  kind: "sgd",
  learningRate,
  momentum: 0.9,
  weightDecay,
});
/** 10 epochs of batch 32, .01 to 7e-5 by the decaying schedule, weight decay 5e-4. */
const TRAINING = {
  epochs: 10,
  batchSize: 32,
  optimizer: sgd(0.01, 5e-4),
  schedule: { kind: "decay", end: 0.007 },
  validationShare: 0,
};
/** The curve's: .07 to 7e-4, no weight decay. */
const CURVE = {
  ...TRAINING,
  optimizer: sgd(0.07, 0),
  schedule: { kind: "decay", end: 0.01 },
};
/** A Bézier curve with one bend, fixed ends, of which the middle is taken. */
const BEND = {
  family: "bezier",
  bends: 3,
  ends: "fixed",
  at: 0.5,
  weightDecay: 0,
  training: CURVE,
};
const STREAM = {
  scenario: {
    name: "split",
    options: {
      order: [
        [0, 1],
        [2, 3],
        [4, 5],
        [6, 7],
        [8, 9],
      ],
    },
  }, // prettier-ignore
  architecture: {
    name: "mlp",
    options: { hidden: [400, 200, 100], bias: false, dropout: 0, initializer: "fan-in" },
  },
  training: TRAINING,
  mask: "none",
};

describe("the recipe of Table 2", () => {
  it("is the published protocol, row by row", async () => {
    const plan = await planned("table2-seqmnist");
    expect(plan.networks.map(({ row }) => row)).toEqual(["joint", "avg", "ot", "mpf"]);
    for (const row of ["joint", "avg", "ot", "mpf"]) expect(lastOf(plan, row)).toMatchObject(STREAM);
    const merging = { from: "initial", of: "current", weight: "equal", data: "memory", fineTune: null };
    expect(lastOf(plan, "avg").learner).toMatchObject({ name: "merge", options: merging });
    expect(lastOf(plan, "ot").learner).toMatchObject({ options: { ...merging, fusion: { method: "ot" } } });
    expect(await fusionOf(plan, "ot")).toMatchObject({
      target: "last",
      cost: "weights",
      unitRows: true,
      squared: true,
      normalization: "log",
      correction: true,
      properMarginals: true,
      pastCorrection: false,
      lastLayer: "transport",
    });
    expect(await fusionOf(plan, "mpf")).toMatchObject({ ...BEND, init: "random" });
    expect(lastOf(plan, "mpf")).toMatchObject({
      learner: { options: { ...merging, fusion: { method: "curve" } } },
      memory: { policy: "random", size: 500, per: "task" },
    });
    for (const row of ["joint", "avg"]) expect(lastOf(plan, row).memory).toBeNull();
  });
});

describe("the recipe of Figure 2", () => {
  it("fine-tunes averages and transports on the memory and MPF never, with 16 to 512 images a task", async () => {
    const plan = await planned("fig2-replay");
    const sizes = [16, 32, 64, 128, 256, 512];
    const groups = ["avg", "ot", "mpf", "mpf-linear"];
    const rows = groups.flatMap((group) => sizes.map((size) => `${group}-${size}`));
    expect(plan.networks.map(({ row }) => row)).toEqual(["joint", ...rows]);
    for (const size of sizes) {
      for (const group of groups) {
        expect(lastOf(plan, `${group}-${size}`)).toMatchObject({
          ...STREAM,
          learner: { options: { fineTune: group.startsWith("mpf") ? null : TRAINING } },
          memory: { policy: "random", size, per: "task" },
        });
      }
      expect(await fusionOf(plan, `mpf-${size}`)).toMatchObject({ ...BEND, init: "random" });
      expect(await fusionOf(plan, `mpf-linear-${size}`)).toMatchObject({ ...BEND, init: "linear" });
    }
  });
});

describe("the recipe of MPF against replay", () => {
  it("gives every learner that keeps images as many in total, in the protocol of Figure 2", async () => {
    const plan = await planned("mpf-vs-replay");
    const sizes = [80, 160, 320, 640, 1280, 2560];
    for (const [group, policy] of [
      ["mpf", "random"],
      ["mpf-linear", "random"],
      ["replay", "reservoir"],
      ["derpp", "reservoir"],
    ]) {
      for (const size of sizes) {
        const memory = { policy, size, per: "total" };
        expect(lastOf(plan, `${group}-${size}`)).toMatchObject({ ...STREAM, memory });
      }
    }
    for (const [row, init] of [
      ["mpf-80", "random"],
      ["mpf-linear-80", "linear"],
    ] as const)
      expect(await fusionOf(plan, row)).toMatchObject({ ...BEND, init });
    expect(lastOf(plan, "derpp-80").learner).toMatchObject({
      name: "derpp",
      options: { alpha: 1, beta: 0.5 },
    });
  });
});

describe.each(["permuted", "rotated"])("the recipe of %s MNIST", (scenario) => {
  it("has twenty tasks of one epoch in batches of 128, learned by every learner", async () => {
    const plan = await planned(`${scenario}-mnist`);
    const training = { epochs: 1, batchSize: 128 };
    for (const { row, step } of plan.networks) {
      expect(lastOf(plan, row)).toMatchObject({ scenario: { name: scenario }, task: 19, training });
      expect(step).toMatch(/ 20\/20 | all tasks /);
    }
    const rows = plan.networks.map(({ row }) => row);
    expect(rows).toEqual(
      expect.arrayContaining([
        "joint",
        "naive",
        "ewc",
        "si",
        "replay",
        "derpp",
        "avg",
        "ot",
        "mpf",
        "magmax",
      ]),
    );
  });
});
