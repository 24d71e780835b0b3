import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  concatenate,
  type LabeledData,
  linearCombination,
  memoryOf,
  type Network,
  type Params,
  Rng,
  reestimateStatistics,
  repair,
  sameBits,
} from "@isthmus/core";
import { largestDifference, toyDataset } from "@isthmus/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPlan, toyRecipe } from "../../test/toy-study.js";
import { dataIncremental } from "../scenarios/data-incremental.js";
import { readLearned } from "../steps/learned.js";

const average = (more: object = {}) => ({
  method: "merge",
  options: { fusion: { method: "mean" }, weight: 0.25, ...more },
});
const NORMALIZED = {
  model: { architecture: "toy-norm" },
  scenario: { method: "data-incremental", options: { tasks: 2 } },
};
const MEMORY = { memory: { size: 12 } };

let root: string;
let study: Awaited<ReturnType<typeof runPlan>>;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "isthmus-merge-statistics-"));
  const learn = {
    estimated: average(),
    seen: average({ data: "seen" }),
    plain: average({ afterwards: "none" }),
    repaired: average({ afterwards: "repair" }),
  };
  const recipe = await toyRecipe(learn, { ...NORMALIZED, ...MEMORY });
  study = await runPlan(await recipe.plan(), root);
});

afterAll(() => rm(root, { recursive: true }));

const outputs = (row: string) => study.outputs(`learn ${row} task 2/2 seed=0`);
const networkOf = async (row: string) => (await outputs(row)).network as Network;
const taskModels = () =>
  Promise.all(
    [1, 2].map(async (t) => (await study.outputs(`learn task alone ${t}/2 seed=0`)).network as Network),
  );
const tasks = dataIncremental.stream(
  toyDataset(0, 90),
  { tasks: 2, shuffle: true },
  Rng.seed(0).fork("scenario"),
);
const memoryOfRow = async (row: string) =>
  memoryOf(tasks, readLearned(await outputs(row)).details.memory).data;

/** The two task models, three quarters and one, with statistics of these images. */
async function merged(data: LabeledData): Promise<Params> {
  const models = await taskModels();
  const params = linearCombination(
    [0.75, 0.25],
    models.map((each) => each.params),
  );
  return reestimateStatistics({ model: (models[0] as Network).model, params }, data);
}

describe("networks with running statistics, merged", () => {
  it("have those of the memory, and of no other images", async () => {
    const data = await memoryOfRow("estimated");
    expect(data.count).toBe(24);
    const { params } = await networkOf("estimated");
    expect(sameBits(params, await merged(data))).toBe(true);
    expect(sameBits(params, await merged(concatenate(tasks.map(({ train }) => train))))).toBe(false);
  });

  it("have those of all images seen with `data: seen`", async () => {
    const { params } = await networkOf("seen");
    expect(sameBits(params, await merged(concatenate(tasks.map(({ train }) => train))))).toBe(true);
    expect((await memoryOfRow("seen")).count).toBe(0);
  });

  it("have the mean of the task models' with `afterwards: none`", async () => {
    const { params } = await networkOf("plain");
    const mean = linearCombination(
      [0.75, 0.25],
      (await taskModels()).map((each) => each.params),
    );
    for (const [name, { data }] of mean)
      expect(largestDifference(data, params.get(name)?.data ?? []), name).toBeLessThan(1e-6);
  });

  it("are repaired with the merged networks' shares", async () => {
    const models = await taskModels();
    const [model] = models.map((each) => each.model);
    const parts = models.map(({ params }, i) => ({ params, weight: [0.75, 0.25][i] as number }));
    const params = linearCombination(
      [0.75, 0.25],
      models.map((each) => each.params),
    );
    const expected = await repair(
      { model: model as Network["model"], params },
      parts,
      await memoryOfRow("repaired"),
    );
    expect(sameBits((await networkOf("repaired")).params, expected)).toBe(true);
  });
});

describe("a plan", () => {
  const planned = async (learner: object, rest: object) => (await toyRecipe({ x: learner }, rest)).plan();

  it.each<[string, object, object]>([
    ["running statistics", average(), NORMALIZED],
    ["a repair", average({ afterwards: "repair" }), {}],
  ])("refuses %s where no images are kept", async (_, learner, rest) => {
    await expect(planned(learner, rest)).rejects.toMatchObject({
      code: "recipe/invalid",
      message: expect.stringContaining(
        "learn.x: it uses images of earlier tasks, but the recipe does not say",
      ),
    });
  });

  it.each<[string, object, object]>([
    ["there are no statistics to estimate", average(), {}],
    ["nothing is done afterwards", average({ afterwards: "none" }), NORMALIZED],
    ["all images seen are looked at", average({ data: "seen" }), NORMALIZED],
  ])("keeps no images where %s", async (_, learner, rest) => {
    const { steps } = await planned(learner, { ...rest, ...MEMORY });
    const last = steps.findLast(({ kind }) => kind === "learn");
    expect(last?.options.memory).toBeNull();
  });
});
