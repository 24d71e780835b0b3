import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  encodeCheckpoint,
  importNetwork,
  type Network,
  type NetworkImporter,
  openNetworkFile,
  results,
  sameBits,
} from "@isthmus/core";
import { toyInputs } from "@isthmus/core/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runPlan, toyHost, toyPorts, toyRecipe } from "../../test/toy-study.js";
import { readMatrices } from "../steps/continual-metrics.js";

const LEARN = {
  avg: { method: "merge", options: { fusion: { method: "mean" } } },
  fed: { method: "merge", options: { fusion: { method: "fed" } } },
};
const MEMORY = { memory: { size: 8 } };
const FILES = ["0.safetensors", "1.safetensors", "2.safetensors"];

let root: string;
let study: Awaited<ReturnType<typeof runPlan>>;
const files = new Map<string, Uint8Array>();

const networkOf = async ({ outputs }: typeof study, id: string) => (await outputs(id)).network as Network;
const bytesOf = ({ model: { spec }, params }: Network) => encodeCheckpoint({ spec, params }, {});

/** Reads the files above, as the command does, for a study in a folder. */
function importer(folder: string): NetworkImporter {
  const ports = toyPorts(join(root, folder));
  return async (file, architecture) => {
    const bytes = files.get(file) as Uint8Array;
    const options = { host: toyHost(), ...(architecture && { architecture }) };
    return importNetwork(await openNetworkFile(bytes, file, options), { file }, ports);
  };
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "isthmus-task-files-"));
  study = await runPlan(await (await toyRecipe(LEARN, MEMORY)).plan(), join(root, "trained"));
  for (const [t, file] of FILES.entries()) {
    files.set(file, bytesOf(await networkOf(study, `learn task alone ${t + 1}/3 seed=0`)));
  }
  files.set("wide.safetensors", bytesOf(toyInputs(1, 0, [8, 6])[0] as Network));
});

afterAll(() => rm(root, { recursive: true }));

const planned = async (learn: object, rest: object, folder = "planned") =>
  (await toyRecipe(learn, { training: undefined, ...MEMORY, ...rest }, importer(folder))).plan();

describe("task models from files", () => {
  it("are merged to the bits of the run that trained them, without any training, and evaluated after each", async () => {
    const plan = await planned(LEARN, { taskModels: FILES }, "files");
    expect(plan.steps.filter(({ id }) => /alone/.test(id))).toEqual([]);
    const merged = await runPlan(plan, join(root, "files"));
    for (const row of ["avg", "fed"]) {
      for (const t of [1, 2, 3]) {
        const id = `learn ${row} task ${t}/3 seed=0`;
        const [own, expected] = [await networkOf(merged, id), await networkOf(study, id)];
        expect(sameBits(own.params, expected.params), id).toBe(true);
      }
      const id = `continual-metrics ${row} seed=0`;
      expect(readMatrices(await merged.outputs(id))).toEqual(readMatrices(await study.outputs(id)));
    }
    const [avg] = results(plan, merged.records);
    expect(avg?.metrics["compute/updates"].mean).toBe(0);
    const [row] = plan.networks;
    expect(row?.tags.files).toBe(FILES.join(", "));
    expect(Object.keys(row?.params ?? {}).filter((key) => key.startsWith("training"))).toEqual([]);
  });

  it("stand beside learners that train, which train as ever", async () => {
    const training = { epochs: 2, batchSize: 16, optimizer: { kind: "sgd", learningRate: 0.1 } };
    const plan = await planned({ ...LEARN, naive: { method: "naive" } }, { training, taskModels: FILES });
    const optionsOf = (row: string) =>
      plan.steps.find(({ id }) => id === `learn ${row} task 3/3 seed=0`)?.options.training;
    expect(optionsOf("naive")).toMatchObject({ epochs: 2 });
    expect(optionsOf("avg")).toMatchObject({ epochs: 0 });
  });

  it.each<[string, object, object, RegExp]>([
    ["as many as tasks", LEARN, { taskModels: FILES.slice(1) }, /taskModels: 2 files .* stream of 3 tasks/],
    [
      "of the recipe's network",
      LEARN,
      { taskModels: [FILES[0], "wide.safetensors", FILES[2]] },
      /taskModels\.1: wide\.safetensors: parameter "kernel1" has shape \[8, 6\]; toy needs \[8, 5\]/,
    ],
    [
      "merged by some learner",
      { x: { method: "merge", options: { fusion: { method: "mean" }, from: "previous" } } },
      { taskModels: FILES, training: { epochs: 1, optimizer: { kind: "adam" } } },
      /taskModels: no learner merges/,
    ],
    [
      "all that the method needs",
      { x: { method: "merge", options: { fusion: { method: "rooted" } } } },
      { taskModels: FILES },
      /learn\.x\.options\.fusion\.method: .*"rooted" needs the common ancestor/,
    ],
    ["there, where nothing is to be trained with", LEARN, {}, /training\.epochs/],
  ])("must be %s", async (_, learn, rest, message) => {
    await expect(planned(learn, rest)).rejects.toMatchObject({
      code: "recipe/invalid",
      message: expect.stringMatching(message),
    });
  });

  it("of networks for other data are refused when they are read", async () => {
    const other = { scenario: { method: "domain-incremental", options: { order: [[0, 1]] } } };
    const plan = await planned(LEARN, { ...other, taskModels: FILES.slice(1, 2) }, "other");
    await expect(runPlan(plan, join(root, "other"))).rejects.toMatchObject({
      message: expect.stringMatching(
        /the model of task 1: parameter "kernel2" has shape \[5, 3\]; toy needs \[5, 2\]/,
      ),
    });
  });
});
