import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { fakePorts } from "../../../test/fake-project.js";
import { toyHost } from "../../../test/toy-host.js";
import type { JsonObject } from "../../contracts/json.js";
import type { Params } from "../../contracts/params.js";
import type { StepOutputs } from "../../contracts/step.js";
import { FileStore } from "../../node/file-store.js";
import { partOf } from "../../numerics/data/parts.js";
import { useBackend } from "../../numerics/engine/engine.js";
import { initialize, sameBits } from "../../numerics/params.js";
import { Rng } from "../../numerics/rng.js";
import { classification } from "../../numerics/training/classification.js";
import { trainSettings } from "../../numerics/training/settings.js";
import { train } from "../../numerics/training/train.js";
import { toyModel } from "../../testing/fixtures.js";
import { type ExecuteOptions, execute } from "../execute.js";
import { modelBuilder } from "../model-builder.js";
import type { StepRecord } from "../record.js";

const host = toyHost();
const settings = { epochs: 4, batchSize: 16, optimizer: { kind: "sgd", learningRate: 0.05, momentum: 0.9 } };
const dataset = { name: "bars", options: { train: 90, test: 40 } };
const partition = { method: "drawn", options: { share: 0.4 } };
const options: JsonObject = {
  seed: 3,
  stream: "a",
  dataset,
  partition,
  part: "a",
  architecture: { name: "toy", options: { hidden: [8, 5] } },
  training: trainSettings.parse(settings),
  checkpoint: "final",
};

let root: string;
let store: FileStore;

beforeAll(async () => {
  await useBackend("cpu");
});

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "isthmus-train-"));
  store = new FileStore(root);
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

/** Executes one step of training, and gives its record with what can be read back of it. */
async function trained(
  changes: JsonObject = {},
  executing: ExecuteOptions = {},
  into = store,
): Promise<{ record: StepRecord; outputs: StepOutputs; params: Params }> {
  const step = { id: "train a", kind: "train", options: { ...options, ...changes }, inputs: {} };
  const plan = { steps: [step], networks: [] };
  const ports = fakePorts(into, undefined, { host });
  const record = (await execute(plan, ports, executing)).get("train a") as StepRecord;
  const outputs = await into.outputs(record, modelBuilder(host));
  return { record, outputs, params: outputs.network?.params as Params };
}

describe("a step of training", () => {
  it("is core's training loop on the part's images, with streams named by seed and stream", async () => {
    const images = await fakePorts(store, undefined, { host }).datasets.load(dataset);
    const seed = Rng.seed(3);
    const dealt = { partition: await host.resolve("partition", "drawn"), options: partition.options };
    const data = partOf(images, "a", dealt, seed.fork("partition"));
    expect(data.count).toBe(36);
    const stream = seed.fork("train").fork("a");
    const model = toyModel();
    const start = initialize(model, stream.fork("init"));
    const { params } = await train(classification(model, start), data, trainSettings.parse(settings), {
      rng: stream.fork("loop"),
    });
    const step = await trained();
    expect(sameBits(step.params, params)).toBe(true);
    expect(step.outputs.network?.model.spec).toEqual(model.spec);
    expect(step.record.metrics.map(({ key, step: epoch }) => `${key} ${epoch}`)).toEqual(
      [1, 2, 3, 4].flatMap((epoch) => [`train/loss ${epoch}`, `train/learning_rate ${epoch}`]),
    );
  });

  it("draws other numbers for another stream or seed", async () => {
    const { params } = await trained({ part: "joint" });
    expect(sameBits((await trained({ part: "joint", stream: "b" })).params, params)).toBe(false);
    expect(sameBits((await trained({ part: "joint", seed: 4 })).params, params)).toBe(false);
  });

  it("trains on all images where nothing is dealt out", async () => {
    const counts: number[] = [];
    const observer = { progress: (_: unknown, done: number) => void counts.push(done) };
    await trained({ part: "joint", partition: null }, { observer });
    expect(counts.at(-1)).toBe(4 * 90);
  });

  it("resumes after a stop to the same bits and the same numbers", async () => {
    const controller = new AbortController();
    const progress = (_: unknown, done: number) => void (done > 2 * 36 + 10 && controller.abort());
    const stopped = trained({}, { signal: controller.signal, observer: { progress } });
    await expect(stopped).rejects.toMatchObject({ code: "run/aborted" });

    const epochs: number[] = [];
    const resumed = await trained(
      {},
      { observer: { progress: (_, done) => void epochs.push(Math.ceil(done / 36)) } },
    );
    expect(Math.min(...epochs)).toBe(3);
    const whole = await trained({}, {}, new FileStore(join(root, "other")));
    expect(sameBits(resumed.params, whole.params)).toBe(true);
    const numbers = ({ record }: typeof whole) =>
      record.metrics.map(({ key, step, value }) => ({ key, step, value }));
    expect(numbers(resumed)).toEqual(numbers(whole));
  });

  it("says which part does not exist", async () => {
    await expect(trained({ part: "c" })).rejects.toMatchObject({
      code: "data/unknown-part",
      message: expect.stringContaining('Step "train a" (train) failed: There is no part "c"'),
    });
  });

  it("depends on the code of architecture and partition, and on the data", async () => {
    const kind = await host.resolve("step", "train");
    expect(kind.dependencies(options)).toEqual({
      contributions: [
        { kind: "architecture", name: "toy" },
        { kind: "partition", name: "drawn" },
      ],
      dataset,
    });
    expect(kind.dependencies({ ...options, partition: null }).contributions).toEqual([
      { kind: "architecture", name: "toy" },
    ]);
  });
});

describe("with a validation share", () => {
  const unsteady = trainSettings.parse({
    ...settings,
    epochs: 6,
    optimizer: { kind: "sgd", learningRate: 0.3, momentum: 0.9 },
    validationShare: 0.3,
  });
  const run = (checkpoint: string) =>
    trained({ part: "joint", stream: "joint", training: unsteady, checkpoint });

  it("the best checkpoint is the first epoch of highest accuracy on it", async () => {
    const [best, final] = [await run("best"), await run("final")];
    const accuracies = best.record.metrics
      .filter(({ key }) => key === "val/accuracy")
      .map(({ value }) => value);
    expect(accuracies).toHaveLength(6);
    const epoch = 1 + accuracies.indexOf(Math.max(...accuracies));
    expect(epoch).toBeLessThan(6);
    expect(best.outputs.details).toEqual({ bestEpoch: epoch });

    // Training shorter to that very epoch ends with those weights: the schedule is constant.
    const short = await trained({
      part: "joint",
      stream: "joint",
      training: { ...unsteady, epochs: epoch },
    });
    expect(sameBits(best.params, short.outputs.extra?.final as Params)).toBe(true);
    expect(sameBits(final.params, best.params)).toBe(false);
  });

  it("both the final and the best weights are kept, whichever is the network", async () => {
    const [best, final] = [await run("best"), await run("final")];
    for (const { outputs } of [best, final]) {
      expect(sameBits(outputs.extra?.best as Params, best.params)).toBe(true);
      expect(sameBits(outputs.extra?.final as Params, final.params)).toBe(true);
    }
  });
});
