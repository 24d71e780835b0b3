import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fakePorts } from "../../test/fake-project.js";
import { toyHost } from "../../test/toy-host.js";
import type { Plan } from "../contracts/experiment.js";
import type { JsonObject } from "../contracts/json.js";
import { readRecipe } from "../recipe/read-recipe.js";
import { planKeys } from "../steps/plan-keys.js";
import type { StepStore } from "../steps/ports.js";

const host = toyHost();

const HEAD = {
  name: "toys",
  experiment: "fusion",
  dataset: "bars",
  partition: { method: "drawn" },
  model: { architecture: "toy" },
  training: { epochs: 1, optimizer: { kind: "sgd", learningRate: 0.1 } },
};

async function planned(body: JsonObject): Promise<Plan> {
  const recipe = await readRecipe(JSON.stringify({ ...HEAD, ...body }), { file: "r.yaml" }, host);
  return recipe.plan();
}

function step({ steps }: Plan, id: string) {
  const found = steps.find((each) => each.id === id);
  if (found === undefined) throw new Error(`There is no step "${id}".`);
  return found;
}

async function keys(plan: Plan): Promise<Readonly<Record<string, string>>> {
  const keyed = await planKeys(plan, fakePorts({} as StepStore, undefined, { host }));
  return Object.fromEntries([...keyed].map(([id, { key }]) => [id, key]));
}

/** Bodies whose fusions read any rows before them, as many as there are random numbers. */
const bodies = fc
  .record({
    seeds: fc.uniqueArray(fc.nat(20), { minLength: 1, maxLength: 3 }),
    trained: fc.integer({ min: 1, max: 3 }),
    fused: fc.array(fc.array(fc.nat(1000), { minLength: 1, maxLength: 3 }), { maxLength: 4 }),
    evaluated: fc.array(fc.array(fc.nat(1000), { minLength: 1, maxLength: 3 }), { maxLength: 2 }),
  })
  .map(({ seeds, trained, fused, evaluated }) => {
    const rows = Array.from({ length: trained }, (_, i) => `net${i}`);
    const train = Object.fromEntries(rows.map((row, i) => [row, { part: "joint", stream: `stream${i}` }]));
    const pick = (numbers: readonly number[]) => numbers.map((n) => rows[n % rows.length] as string);
    const fuse: Record<string, JsonObject> = {};
    fused.forEach((numbers, i) => {
      fuse[`fused${i}`] = { method: "mean", of: pick(numbers) };
      rows.push(`fused${i}`);
    });
    const evaluate = Object.fromEntries(
      evaluated.map((numbers, i) => [
        `again${i}`,
        { method: "evaluate", of: pick(numbers), options: { split: "train" } },
      ]),
    );
    return { seeds, train, fuse, evaluate };
  });

describe("a plan", () => {
  it("has steps of different ids, each after the steps it reads, and networks that are among them", async () => {
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const { steps, networks } = await planned(body);
        const done = new Set<string>();
        for (const { id, inputs } of steps) {
          expect(done.has(id)).toBe(false);
          for (const input of Object.values(inputs).flat()) expect(done).toContain(input);
          done.add(id);
        }
        for (const { step: id, evaluations } of networks) {
          expect([id, ...evaluations].every((each) => done.has(each))).toBe(true);
        }
        const rows = [...Object.keys(body.train), ...Object.keys(body.fuse)];
        expect(networks.map(({ row, seed }) => [seed, row])).toEqual(
          body.seeds.flatMap((seed) => rows.map((row) => [seed, row])),
        );
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  it("is the same for every seed but for the seed", async () => {
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const [one, two] = [await planned({ ...body, seeds: [1] }), await planned({ ...body, seeds: [2] })];
        const text = JSON.stringify(one).replaceAll("seed=1", "seed=2").replaceAll('"seed":1', '"seed":2');
        expect(JSON.parse(text.replaceAll('"seed":"1"', '"seed":"2"'))).toEqual(two);
      }),
      { numRuns: 20, seed: 1 },
    );
  });

  it("has in its steps nothing but what is theirs: recipes with the same networks share them", async () => {
    const train = { a: { part: "a" }, b: { part: "b" } };
    const first = await planned({ train, fuse: { avg: { method: "mean", of: ["a", "b"] } } });
    const second = await planned({
      name: "other",
      title: "Other",
      train: { joint: { part: "joint" }, left: train.a, right: train.b },
      fuse: { twice: { method: "mean", of: ["left", "right"], options: { scale: 2 } } },
    });
    for (const [row, other] of [
      ["a", "left"],
      ["b", "right"],
    ]) {
      const [own, shared] = [step(first, `train ${row} seed=0`), step(second, `train ${other} seed=0`)];
      expect(shared.options).toEqual(own.options);
    }
    const [one, two] = [await keys(first), await keys(second)];
    expect(two["train left seed=0"]).toBe(one["train a seed=0"]);
    expect(two["evaluate right seed=0"]).toBe(one["evaluate b seed=0"]);
    expect(two["fuse twice seed=0"]).not.toBe(one["fuse avg seed=0"]);
    expect(two["train left seed=0"]).not.toBe(two["train right seed=0"]);
  });
});

describe("a planned training", () => {
  const settings = async (training: JsonObject) =>
    step(await planned({ train: { a: { part: "a", training } } }), "train a seed=0").options.training;

  it("merges its own settings over the shared ones", async () => {
    expect(await settings({ optimizer: { momentum: 0.5 }, epochs: 3 })).toMatchObject({
      epochs: 3,
      optimizer: { kind: "sgd", learningRate: 0.1, momentum: 0.5 },
    });
  });

  it("may have its own stream and keep its best weights", async () => {
    const training = { validationShare: 0.2 };
    const plan = await planned({ train: { x: { part: "a", stream: "s", checkpoint: "best", training } } });
    expect(step(plan, "train x seed=0").options).toMatchObject({
      part: "a",
      stream: "s",
      checkpoint: "best",
    });
  });
});

describe("a planned fusion", () => {
  const train = { a: { part: "a" }, b: { part: "b" }, c: { part: "joint" } };
  const fusion = async (fuse: JsonObject) =>
    step(await planned({ train, fuse: { x: { method: "mean", of: ["a", "b"], ...fuse } } }), "fuse x seed=0");

  it("has weights that add up to 1, equal ones by default", async () => {
    expect((await fusion({})).options.weights).toEqual([0.5, 0.5]);
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 10, noNaN: true }), async (weight) => {
        const planned = await fusion({ weights: [weight, 3] });
        const [first, second] = planned.options.weights as [number, number];
        expect(first + second).toBeCloseTo(1, 12);
        expect(first * 3).toBeCloseTo(second * weight, 9);
      }),
      { numRuns: 15, seed: 1 },
    );
  });

  it("gets data unless neither its method nor what is done afterwards can need them", async () => {
    const options = { training: HEAD.training };
    const data = {
      dataset: { name: "bars", options: { train: 90, test: 40 } },
      partition: { method: "drawn", options: { share: 0.5 } },
    };
    expect((await fusion({})).options).toMatchObject({ data, afterwards: "statistics" });
    expect((await fusion({ afterwards: "none" })).options).toMatchObject({ data: null, afterwards: "none" });
    expect((await fusion({ method: "tuned", options, afterwards: "none" })).options.data).toEqual(data);
  });

  it("reads its networks in the order given, and its base apart", async () => {
    expect((await fusion({ of: ["b", "a", "b"], base: "c" })).inputs).toEqual({
      networks: ["train b seed=0", "train a seed=0", "train b seed=0"],
      base: ["train c seed=0"],
    });
  });

  it("is named and tagged for people", async () => {
    const fuse = { x: { method: "mean", of: ["a", "b"], options: { scale: 2 } } };
    const { networks } = await planned({ train, fuse, seeds: [7] });
    expect(networks.at(-1)).toEqual({
      row: "x",
      seed: 7,
      step: "fuse x seed=7",
      evaluations: ["evaluate x seed=7"],
      params: { seed: "7", "model.hidden": "[8,5]", "mean.scale": "2", afterwards: "statistics" },
      tags: { architecture: "toy", dataset: "bars", method: "mean", of: "a, b" },
    });
  });
});

describe("a planned evaluation", () => {
  const evaluate = (of: readonly string[], options: JsonObject) =>
    planned({ train: { a: { part: "a" } }, evaluate: { x: { method: "evaluate", of, options } } });

  it("comes after the one on the test images, once for each row", async () => {
    const plan = await evaluate(["a", "a"], { split: "train" });
    expect(plan.networks[0]?.evaluations).toEqual(["evaluate a seed=0", "evaluate x of a seed=0"]);
    expect(step(plan, "evaluate x of a seed=0")).toEqual({
      id: "evaluate x of a seed=0",
      kind: "evaluate",
      options: { dataset: { name: "bars", options: { train: 90, test: 40 } }, split: "train" },
      inputs: { networks: ["train a seed=0"] },
    });
  });

  const compare = (of: readonly string[], options: JsonObject = {}) =>
    planned({
      train: { a: { part: "a" }, b: { part: "b" }, c: { part: "a", stream: "c" }, d: { part: "b" } },
      evaluate: { x: { method: "compare", of, options } },
      seeds: [3],
    });

  it("of several networks together is one step after all of them, under the first, and knows their names", async () => {
    const plan = await compare(["c", "a", "c"]);
    expect(plan.steps.at(-1)).toEqual({
      id: "compare x seed=3",
      kind: "compare",
      options: { names: ["c", "a"], digits: 2 },
      inputs: { networks: ["train c seed=3", "train a seed=3"] },
    });
    expect(plan.steps).toHaveLength(9);
    const having = plan.networks.filter(({ evaluations }) => evaluations.includes("compare x seed=3"));
    expect(having.map(({ row }) => row)).toEqual(["c"]);
  });

  it.each([
    [["a", "a"], {}, 'of: "compare" reads at least 2 different rows, but 1 are named'],
    [["a", "b", "c", "d"], {}, 'of: "compare" reads at most 3 different rows, but 4 are named'],
    [["a", "b"], { names: ["x", "y"] }, "options.names: it is the recipe's own"],
  ])("of several together refuses %j with %j", async (of, options, message) => {
    await expect(compare(of, options)).rejects.toMatchObject({
      code: "recipe/invalid",
      message: expect.stringContaining(`evaluate.x.${message}`),
    });
  });

  it("is of the recipe's data set and no other", async () => {
    await expect(evaluate(["a"], { split: "train", dataset: "other" })).rejects.toMatchObject({
      code: "recipe/invalid",
      message: expect.stringContaining("evaluate.x.options.dataset: it is the recipe's own"),
    });
  });
});
