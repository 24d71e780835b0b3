import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { fakePorts } from "../../../test/fake-project.js";
import { toyHost } from "../../../test/toy-host.js";
import type { JsonObject } from "../../contracts/json.js";
import type { Model } from "../../contracts/model.js";
import type { Params } from "../../contracts/params.js";
import type { StepOutputs } from "../../contracts/step.js";
import { FileStore } from "../../node/file-store.js";
import { LabeledImages } from "../../numerics/data/labeled-images.js";
import { useBackend } from "../../numerics/engine/engine.js";
import { sameBits } from "../../numerics/params.js";
import { reestimateStatistics } from "../../numerics/statistics/reestimate.js";
import { repair } from "../../numerics/statistics/repair.js";
import { trainSettings } from "../../numerics/training/settings.js";
import { type ExecuteOptions, execute } from "../execute.js";
import { modelBuilder } from "../model-builder.js";

const host = toyHost();
const dataset = { name: "bars", options: { train: 90, test: 40 } };
const partition = { method: "drawn", options: { share: 0.4 } };
const training = trainSettings.parse({
  epochs: 3,
  batchSize: 16,
  optimizer: { kind: "sgd", learningRate: 0.05, momentum: 0.9 },
});
const shared = { seed: 3, dataset, partition };
const networksOf = (architecture: { name: string; options: JsonObject }) =>
  ["a", "b", "joint"].map((part) => ({
    id: part,
    kind: "train",
    options: {
      ...shared,
      architecture,
      stream: part,
      part,
      training: { ...training, epochs: 1 },
      checkpoint: "final",
    },
    inputs: {},
  }));
const networks = networksOf({ name: "toy", options: { hidden: [8, 5] } });
const data = { dataset, partition };

let root: string;
let store: FileStore;

beforeAll(async () => {
  await useBackend("cpu");
});

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "isthmus-fuse-"));
  store = new FileStore(root);
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

/** Resolved options of the toy methods that are used without any others. */
const DEFAULTS: Readonly<Record<string, JsonObject>> = {
  mean: { scale: 1 },
  informed: { scale: 1 },
  fresh: { calls: 0 },
};

/** Trains `a`, `b` and `joint`, fuses `a` and `b`, and gives what all of them left behind. */
async function fused(
  method: string,
  changes: JsonObject = {},
  inputs: Readonly<Record<string, readonly string[]>> = { networks: ["a", "b"] },
  executing: ExecuteOptions = {},
  into = store,
  trained = networks,
): Promise<Record<string, StepOutputs>> {
  const own = {
    seed: 3,
    stream: method,
    method,
    options: DEFAULTS[method] ?? {},
    uses: ["mean", "fresh"],
    weights: [0.5, 0.5],
    data: null,
  };
  const options = { ...own, ...changes };
  const plan = { steps: [...trained, { id: "fused", kind: "fuse", options, inputs }], networks: [] };
  const records = await execute(plan, fakePorts(into, undefined, { host }), executing);
  const outputs = [...records].map(async ([id, record]) => [
    id,
    await into.outputs(record, modelBuilder(host)),
  ]);
  return Object.fromEntries(await Promise.all(outputs));
}

const paramsOf = ({ network }: StepOutputs) => network?.params as Params;

describe("a step of fusion", () => {
  it("gives each network its weight and the method its options", async () => {
    const { a, b, fused: result } = await fused("mean", { weights: [0.25, 0.75], options: { scale: 2 } });
    for (const [name, { data: values }] of paramsOf(result)) {
      const [own, other] = [a, b].map((each) => paramsOf(each).get(name)?.data as Float32Array);
      expect(values).toEqual(own.map((value, i) => 2 * 0.25 * value + 2 * 0.75 * (other[i] as number)));
    }
    expect(result.network?.model.spec).toEqual(a.network?.model.spec);
  });

  it("gives a method the joint data and the ancestor where they are planned, else none", async () => {
    expect((await fused("informed")).fused.details).toEqual({ data: null, base: false });
    const inputs = { networks: ["a", "b"], base: ["joint"] };
    expect((await fused("informed", { data }, inputs)).fused.details).toEqual({ data: 90, base: true });
  });

  it("gives a method no data that it does not ask for", async () => {
    expect((await fused("mean", { data, afterwards: "repair" })).fused.details).toMatchObject({ data: null });
  });

  it("draws from its seed and stream", async () => {
    const first = paramsOf((await fused("fresh")).fused);
    const again = paramsOf((await fused("fresh", {}, undefined, {}, new FileStore(join(root, "x")))).fused);
    expect(sameBits(again, first)).toBe(true);
    const changes: JsonObject[] = [{ seed: 4 }, { stream: "other" }];
    for (const change of changes) {
      expect(sameBits(paramsOf((await fused("fresh", change)).fused), first)).toBe(false);
    }
  });

  it("depends on the code of method and partition, and on the data where it gets any", async () => {
    const kind = await host.resolve("step", "fuse");
    const plain = { seed: 3, stream: "s", method: "mean", options: { scale: 1 }, weights: [1], data: null };
    const options = { ...plain, uses: [] };
    expect(kind.dependencies(options)).toEqual({ contributions: [{ kind: "fusion", name: "mean" }] });
    expect(kind.dependencies({ ...options, data })).toEqual({
      contributions: [
        { kind: "fusion", name: "mean" },
        { kind: "partition", name: "drawn" },
      ],
      dataset,
    });
  });

  it("refuses an input that is no network", async () => {
    const evaluation = {
      id: "fused",
      kind: "evaluate",
      options: { dataset, split: "test" },
      inputs: { networks: ["a"] },
    };
    const fusion = {
      id: "late",
      kind: "fuse",
      options: { seed: 3, stream: "mean", method: "mean", options: { scale: 1 }, weights: [1], data: null },
      inputs: { networks: ["fused"] },
    };
    const plan = { steps: [...networks, evaluation, fusion], networks: [] };
    await expect(execute(plan, fakePorts(store, undefined, { host }))).rejects.toMatchObject({
      code: "plan/invalid",
    });
  });
});

describe("after a fusion", () => {
  const normalized = networksOf({ name: "toy-norm", options: { hidden: [8, 5] } });
  const finished = async (afterwards: string, trained: typeof networks, changes: JsonObject = { data }) => {
    const {
      a,
      b,
      fused: result,
    } = await fused("mean", { ...changes, afterwards }, undefined, {}, store, trained);
    const inputs = [a, b].map((each) => ({ params: paramsOf(each), weight: 0.5 }));
    return { inputs, model: result.network?.model as Model, params: paramsOf(result) };
  };

  it("running statistics are estimated on the joint data, unless they are to stay", async () => {
    const { model, params: kept } = await finished("none", normalized, {});
    const { params } = await finished("statistics", normalized);
    const joint = new LabeledImages(
      await fakePorts(store, undefined, { host }).datasets.load(dataset),
      "train",
    );
    expect(sameBits(params, await reestimateStatistics({ model, params: kept }, joint))).toBe(true);
    expect(sameBits(params, kept)).toBe(false);
  });

  it("units are repaired on the joint data", async () => {
    const { params: kept } = await finished("none", networks, {});
    const { model, inputs, params } = await finished("repair", networks);
    const joint = new LabeledImages(
      await fakePorts(store, undefined, { host }).datasets.load(dataset),
      "train",
    );
    expect(sameBits(params, await repair({ model, params: kept }, inputs, joint))).toBe(true);
  });

  it("there is nothing to do by default where there are no running statistics, nor data to load", async () => {
    const { params: kept } = await finished("none", networks, {});
    const { params } = await finished("statistics", networks, {});
    expect(sameBits(params, kept)).toBe(true);
  });

  it("statistics cannot be estimated where no data was planned", async () => {
    await expect(finished("statistics", normalized, {})).rejects.toMatchObject({ code: "fusion/needs-data" });
  });
});

describe("training within a fusion", () => {
  const tuned = { options: { times: 1, training }, data };

  it("starts where the method says and learns", async () => {
    const start = paramsOf((await fused("mean")).fused);
    const still = { ...tuned, options: { times: 1, training: { ...training, epochs: 0 } } };
    expect(sameBits(paramsOf((await fused("tuned", still)).fused), start)).toBe(true);
    expect(sameBits(paramsOf((await fused("tuned", tuned)).fused), start)).toBe(false);
  });

  it("resumes after a stop to the same bits", async () => {
    const controller = new AbortController();
    const observer = {
      progress: ({ id }: { id: string }, done: number) =>
        void (id === "fused" && done > 2 * 90 + 20 && controller.abort()),
    };
    const stopped = fused("tuned", tuned, undefined, { signal: controller.signal, observer });
    await expect(stopped).rejects.toMatchObject({ code: "run/aborted" });
    const seen: number[] = [];
    const resumed = await fused("tuned", tuned, undefined, {
      observer: { progress: (_, done) => void seen.push(done) },
    });
    expect(Math.min(...seen)).toBeGreaterThan(2 * 90);
    const whole = await fused("tuned", tuned, undefined, {}, new FileStore(join(root, "other")));
    expect(sameBits(paramsOf(resumed.fused), paramsOf(whole.fused))).toBe(true);
  });

  it("is refused a second time", async () => {
    const twice = { ...tuned, options: { times: 2, training } };
    await expect(fused("tuned", twice)).rejects.toMatchObject({
      code: "fusion/training",
      message: expect.stringContaining("a second time"),
    });
  });

  it("is refused where no data was planned, as for a method that does not say that it trains", async () => {
    await expect(fused("untold", { ...tuned, data: null })).rejects.toMatchObject({
      code: "fusion/training",
      message: expect.stringContaining("meta.needs"),
    });
  });
});

describe("a method that calls another one", () => {
  const call = (name: string, options: JsonObject = {}, uses = [name]) =>
    fused("caller", { options: { name, options }, uses });

  it("gets its result, with its defaults", async () => {
    const mean = paramsOf((await fused("mean")).fused);
    expect(sameBits(paramsOf((await call("mean")).fused), mean)).toBe(true);
    const double = paramsOf((await call("mean", { scale: 2 })).fused);
    for (const [name, { data: values }] of double) {
      expect(values).toEqual(mean.get(name)?.data.map((value) => 2 * value));
    }
  });

  it("shares no random numbers with it, nor do two calls", async () => {
    const { network, extra } = (await fused("fresh", { options: { calls: 2 }, uses: ["fresh"] })).fused;
    const all = [network?.params, extra?.call0, extra?.call1] as Params[];
    for (const [i, one] of all.entries()) {
      for (const other of all.slice(i + 1)) expect(sameBits(one, other)).toBe(false);
    }
  });

  it("is told what is wrong with its options, and which method does not exist", async () => {
    await expect(call("mean", { scale: "x" })).rejects.toMatchObject({
      code: "options/invalid",
      message: expect.stringMatching(/"mean".*scale/),
    });
    await expect(call("meen")).rejects.toMatchObject({
      code: "plugin/unknown-name",
      hint: expect.stringContaining('"mean"'),
    });
  });

  it("may call no method that it does not name, and depends on the code of those it names", async () => {
    await expect(call("mean", {}, [])).rejects.toMatchObject({ code: "fusion/undeclared-use" });
    const kind = await host.resolve("step", "fuse");
    const options = { seed: 3, stream: "caller", method: "caller", options: {}, weights: [1], data: null };
    const { contributions } = kind.dependencies({ ...options, uses: ["mean"] });
    expect(contributions).toContainEqual({ kind: "fusion", name: "mean" });
  });
});
