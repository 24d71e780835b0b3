import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakePorts } from "../../test/fake-project.js";
import { toyHost } from "../../test/toy-host.js";
import type { Network } from "../contracts/fusion.js";
import type { JsonObject } from "../contracts/json.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import { FileStore } from "../node/file-store.js";
import { initialize, linearCombination, sameBits } from "../numerics/params.js";
import { Rng } from "../numerics/rng.js";
import type { NetworkImporter } from "../recipe/plan-context.js";
import { readRecipe } from "../recipe/read-recipe.js";
import { execute } from "../steps/execute.js";
import { importNetwork } from "../steps/import-network.js";
import { modelBuilder } from "../steps/model-builder.js";
import { planKeys } from "../steps/plan-keys.js";
import type { RunPorts } from "../steps/ports.js";
import { results } from "../steps/results.js";
import { toyModel } from "../testing/fixtures.js";

const host = toyHost();
const model = toyModel();
const networks: Readonly<Record<string, Network>> = {
  "a.safetensors": { model, params: initialize(model, Rng.seed(1)) },
  "b.safetensors": { model, params: initialize(model, Rng.seed(2)) },
  "copy-of-a.pt": { model, params: initialize(model, Rng.seed(1)) },
};

let root: string;
let ports: RunPorts;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "isthmus-load-"));
  ports = fakePorts(new FileStore(root), undefined, { host });
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Plans a recipe whose files are the networks above; `importNetwork` tells what was asked for. */
async function planned(body: JsonObject, asked: unknown[] = []) {
  const importer: NetworkImporter = async (file, architecture) => {
    asked.push([file, architecture]);
    const network = networks[file];
    if (network === undefined) {
      throw new IsthmusError({
        code: "checkpoint/not-found",
        message: `There is no file ${file}.`,
        hint: "Look.",
      });
    }
    return importNetwork(network, { file }, ports);
  };
  const text = JSON.stringify({ name: "files", experiment: "fusion", ...body }, undefined, 1);
  return (await readRecipe(text, { file: "r.yaml", importNetwork: importer }, host)).plan();
}

const load = { a: { file: "a.safetensors" }, b: { file: "b.safetensors" } };

describe("networks from files in a recipe", () => {
  it("are fused without any data, and nothing but the fusion is computed", async () => {
    const plan = await planned({ load, fuse: { avg: { method: "mean", of: ["a", "b"], weights: [3, 1] } } });
    expect(plan.steps.map(({ id }) => id)).toEqual(["import a seed=0", "import b seed=0", "fuse avg seed=0"]);
    expect(plan.networks.map(({ row, evaluations }) => [row, evaluations])).toEqual([
      ["a", []],
      ["b", []],
      ["avg", []],
    ]);
    const started: string[] = [];
    const observer = { stepStarted: ({ id }: { id: string }) => void started.push(id) };
    const records = await execute(plan, ports, { observer });
    expect(started).toEqual(["fuse avg seed=0"]);
    const record = records.get("fuse avg seed=0");
    const { network } = await ports.store.outputs(record as NonNullable<typeof record>, modelBuilder(host));
    const [a, b] = Object.values(networks);
    const expected = linearCombination([0.75, 0.25], [(a as Network).params, (b as Network).params]);
    expect(sameBits((network as Network).params, expected)).toBe(true);
    expect(records.get("import a seed=0")?.details).toEqual({ file: "a.safetensors" });
  });

  it("are rows like any other: with a data set they are evaluated, beside networks that are trained", async () => {
    const plan = await planned({
      dataset: "bars",
      model: { architecture: "toy" },
      training: { epochs: 1, optimizer: { kind: "adam" } },
      load,
      train: { c: { part: "joint" } },
      fuse: { avg: { method: "mean", of: ["a", "c"] } },
      seeds: [0, 1],
    });
    const rows = results(plan, await execute(plan, ports));
    expect(rows.map(({ model: row }) => row)).toEqual(["a", "b", "c", "avg"]);
    for (const { accuracy } of rows.slice(0, 2)) expect(accuracy?.std).toBe(0);
    expect(plan.networks[0]?.tags).toEqual({
      architecture: "toy",
      dataset: "bars",
      method: "load",
      file: "a.safetensors",
    });
  });

  it("are known by what they are: the same network in another file is the same step", async () => {
    const other = await planned({ load: { ...load, c: { file: "copy-of-a.pt" } } });
    const keys = [...(await planKeys(other, ports)).values()].map(({ key }) => key);
    expect(keys[2]).toBe(keys[0]);
    expect(keys[1]).not.toBe(keys[0]);
  });

  it("are read as the architecture that the recipe names, with the options that it gives", async () => {
    const asked: unknown[] = [];
    const a = { file: "a.safetensors", architecture: "toy", options: { hidden: [8, 5] } };
    await planned({ load: { a, b: load.b } }, asked);
    expect(asked).toEqual([
      ["a.safetensors", { name: "toy", options: a.options }],
      ["b.safetensors", undefined],
    ]);
  });

  it.each<[string, JsonObject, RegExp]>([
    [
      "a file that is not there",
      { load: { a: { file: "nowhere" } } },
      /^r\.yaml:6:\d+: load\.a\.file: There is no file/,
    ],
    ["no network at all", {}, /there are no networks\. Name some under `train` or `load`/],
    [
      "options of no architecture",
      { load: { a: { file: "a.safetensors", options: {} } } },
      /load\.a\.options: .*no architecture/,
    ],
    [
      "two rows of one name",
      { load, fuse: { a: { method: "mean", of: ["b"] } } },
      /the row "a" exists already/,
    ],
    [
      "training without a data set",
      { model: { architecture: "toy" }, train: { c: { part: "joint" } } },
      /dataset: missing/,
    ],
    [
      "a repair, without a data set",
      { load, fuse: { t: { method: "mean", of: ["a"], afterwards: "repair" } } },
      /fuse\.t: repair needs training images/,
    ],
    [
      "a method that trains, without a data set",
      {
        load,
        fuse: {
          t: {
            method: "tuned",
            of: ["a"],
            options: { training: { epochs: 1, optimizer: { kind: "adam" } } },
          },
        },
      },
      /fuse\.t: the method "tuned" needs training images/,
    ],
    [
      "an evaluation without a data set",
      { load, evaluate: { x: { method: "evaluate", of: ["a"], options: { split: "train" } } } },
      /evaluate\.x: it needs images/,
    ],
  ])("refuse %s", async (_, body, message) => {
    await expect(planned(body)).rejects.toMatchObject({
      code: "recipe/invalid",
      message: expect.stringMatching(message),
    });
  });

  it("that are gone from the store are not computed, but said to be missing", async () => {
    const plan = await planned({ load: { a: load.a } });
    await rm(root, { recursive: true });
    await expect(execute(plan, ports)).rejects.toMatchObject({ code: "store/import-missing" });
  });
});
