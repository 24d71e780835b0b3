import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { allLinesOf, endOf, linesOf, startProcess } from "../../test/child-process.js";
import { fakePorts, toyPlan } from "../../test/fake-project.js";
import type { StepOutputs } from "../contracts/step.js";
import { execute } from "../steps/execute.js";
import { modelBuilder } from "../steps/model-builder.js";
import type { StepState } from "../steps/ports.js";
import type { RecordDraft, StepRecord } from "../steps/record.js";
import { FileStore } from "./file-store.js";

let root: string;
let store: FileStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "isthmus-store-"));
  store = new FileStore(root);
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

const key = "5".repeat(64);
const params = new Map([["w", { shape: [2], data: Float32Array.of(Number.NaN, -0) }]]);
const buildModel = modelBuilder(fakePorts({} as never).host);

function draft(startedAt = 1): RecordDraft {
  const engine = { backend: "cpu", threads: 1, version: "1" };
  const provenance = {
    environment: { platform: "test" },
    engine,
    plugins: {},
    startedAt,
    finishedAt: 3,
    seconds: 2,
  };
  const metrics = [{ key: "train/loss", value: Number.POSITIVE_INFINITY, step: 1, timestamp: 2 }];
  return { key, kind: "fuse", description: { options: {} }, metrics, provenance };
}

const outputs: StepOutputs = {
  extra: { best: params },
  arrays: { "plan/0": { shape: [1], data: Float32Array.of(7) } },
  summary: { "test/loss": Number.NaN },
  details: [Number.NEGATIVE_INFINITY, "x"],
};

const state = (epoch: number): StepState => ({
  trainings: new Map([
    [
      "",
      {
        epoch,
        params,
        optimizer: new Map([["velocity/w", { shape: [2], data: Float32Array.of(1, 2) }]]),
        updates: 10 * epoch,
        history: [{ epoch, loss: Number.NaN, learningRate: 0.1 }],
        best: { epoch: 1, params },
      },
    ],
    [
      "fine/tune",
      {
        epoch: 0,
        params,
        optimizer: new Map(),
        updates: 0,
        history: [],
        memory: params,
        notes: [-0, "kept"],
      },
    ],
  ]),
  metrics: [{ key: "train/loss", value: Number.NaN, step: epoch, timestamp: 9 }],
});

describe("finished steps", () => {
  it("come back as they were stored", async () => {
    expect(await store.find(key)).toBeUndefined();
    const record = await store.finish(draft(), outputs);
    expect(await store.find(key)).toEqual(record);
    expect(record).toMatchObject(draft());
    expect(await store.outputs(record, buildModel)).toEqual(outputs);
  });

  it("list their artifacts with size and digest, at the place the store tells", async () => {
    const { artifacts } = await store.finish(draft(), outputs);
    expect(artifacts.map(({ path }) => path).sort()).toEqual([
      "arrays.safetensors",
      "extra/best.safetensors",
    ]);
    for (const { path, bytes } of artifacts)
      expect(await readFile(store.locate(key, path))).toHaveLength(bytes);
  });

  it("keep names that are not file names", async () => {
    const extra = { "../../up": params, "a/b c%": params };
    const record = await store.finish(draft(), { extra, summary: {} });
    expect(await store.outputs(record, buildModel)).toEqual({ extra, summary: {} });
    expect(await readdir(join(root, "steps", key, "extra"))).toHaveLength(2);
  });

  it("stay the first one's where several finish the same step at once, and all of them succeed", async () => {
    const stores = Array.from({ length: 8 }, () => new FileStore(root));
    const records = await Promise.all(stores.map((each, i) => each.finish(draft(i), outputs)));
    for (const record of records) expect(record).toEqual(records[0]);
    expect(await store.outputs(records[0] as StepRecord, buildModel)).toEqual(outputs);
    expect(await readdir(join(root, "tmp"))).toEqual([]);
  });

  it("replace a folder that has no record", async () => {
    await mkdir(join(root, "steps", key, "extra"), { recursive: true });
    await writeFile(join(root, "steps", key, "extra", "half"), "");
    expect(await store.find(key)).toBeUndefined();
    await store.finish(draft(), outputs);
    expect((await readdir(join(root, "steps", key))).sort()).toEqual([
      "arrays.safetensors",
      "extra",
      "record.json",
    ]);
    expect(await readdir(join(root, "tmp"))).toEqual([]);
  });

  it("leave nothing where the record cannot be written", async () => {
    const unwritable = {
      toJSON: () => {
        throw new Error("disk full");
      },
    };
    await expect(store.finish(draft(), { ...outputs, details: unwritable as never })).rejects.toThrow(
      "disk full",
    );
    expect(await store.find(key)).toBeUndefined();
    await store.finish(draft(), outputs);
    expect(await readdir(join(root, "tmp"))).toEqual([]);
  });

  it.each([
    ["a truncated record", "record.json", (file: string) => truncate(file, 20), /not JSON/],
    [
      "another step's record",
      "record.json",
      (file: string) => writeFile(file, '{"format":1,"key":"0"}'),
      /not the record/,
    ],
    [
      "a truncated artifact",
      "arrays.safetensors",
      (file: string) => truncate(file, 20),
      /has 20 bytes instead of/,
    ],
    ["a longer artifact", "arrays.safetensors", (file: string) => appendFile(file, "x"), /bytes instead of/],
    ["a missing artifact", "arrays.safetensors", (file: string) => rm(file), /is missing/],
    [
      "a changed artifact",
      "extra/best.safetensors",
      async (file: string) => {
        const bytes = await readFile(file);
        bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
        await writeFile(file, bytes);
      },
      /not what the step's record says/,
    ],
  ])("with %s are refused by name, with what to do", async (_what, path, damage, message) => {
    await store.finish(draft(), outputs);
    const file = join(root, "steps", key, path);
    await damage(file);
    const read = async () => store.outputs((await store.find(key)) as StepRecord, buildModel);
    const error = await read().catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "store/corrupt", message: expect.stringMatching(message) });
    expect(error.message).toContain(file);
    expect(error.hint).toContain(join(root, "steps", key));
  });
});

describe("the state of a step under way", () => {
  it("comes back to the bit, the last one only", async () => {
    expect(await store.loadState(key)).toBeUndefined();
    await store.saveState(key, state(1));
    await store.saveState(key, state(2));
    expect(await store.loadState(key)).toEqual(state(2));
  });

  it("is nothing where the file is torn, foreign or another step's", async () => {
    await store.saveState(key, state(1));
    const file = join(root, "state", `${key}.safetensors`);
    const bytes = await readFile(file);
    for (let length = 0; length < bytes.length; length += 7) {
      await writeFile(file, bytes.subarray(0, length));
      expect(await store.loadState(key)).toBeUndefined();
    }
    await writeFile(join(root, "state", `${"6".repeat(64)}.safetensors`), bytes);
    expect(await store.loadState("6".repeat(64))).toBeUndefined();
    await store.saveState(key, state(3));
    expect((await store.loadState(key))?.trainings.get("")?.epoch).toBe(3);
  });

  it("goes when the step's record is written, and so does what crashes left of it", async () => {
    await store.saveState(key, state(1));
    await mkdir(join(root, "state", `${key}.safetensors.Xy12`));
    await store.saveState("6".repeat(64), state(1));
    await store.finish(draft(), outputs);
    expect(await readdir(join(root, "state"))).toEqual([`${"6".repeat(64)}.safetensors`]);
  });
});

describe("several processes", { timeout: 60_000 }, () => {
  it("can execute the same plan at the same time: all succeed", async () => {
    const children = Array.from({ length: 3 }, () => startProcess("runPlan", root, 20));
    const outputs = await Promise.all(children.map(allLinesOf));
    for (const child of children) {
      await endOf(child);
      expect(child.exitCode).toBe(0);
    }
    expect(outputs.flat()).toContain("epoch 20");
    const log: string[] = [];
    const plan = toyPlan({ epochs: 20, seeds: [0, 1] });
    const records = await execute(
      plan,
      fakePorts(store, (line) => log.push(line)),
    );
    expect(log).toEqual([]);
    for (const record of records.values()) await store.outputs(record, buildModel);
    expect(await readdir(join(root, "tmp"))).toEqual([]);
  });
});

describe("a killed process", { timeout: 60_000 }, () => {
  it("loses at most the epoch under way, however often, and goes on to the same bits", async () => {
    const epochs = 150;
    let saved = 0;
    for (const enough of [5, 40, 80]) {
      const child = startProcess("trainUntilKilled", root, epochs);
      let first: number | undefined;
      const before = saved;
      for await (const line of linesOf(child)) {
        const [what, epoch] = line.split(" ");
        if (what === "epoch") first ??= Number(epoch);
        if (what === "saved") saved = Number(epoch);
        if (saved >= enough) child.kill("SIGKILL");
      }
      expect(await endOf(child)).toBe("SIGKILL");
      expect(saved).toBeLessThan(epochs);
      expect([before + 1, before + 2]).toContain(first);
    }
    const log: string[] = [];
    const [resumed] = [
      ...(
        await execute(
          toyPlan({ epochs }),
          fakePorts(store, (line) => log.push(line)),
        )
      ).values(),
    ];
    expect([saved + 1, saved + 2].map((epoch) => `epoch ${epoch}`)).toContain(log[1]);

    const other = fakePorts(new FileStore(join(root, "other")));
    const [uninterrupted] = [...(await execute(toyPlan({ epochs }), other)).values()];
    const points = (record: StepRecord | undefined) =>
      record?.metrics.map(({ timestamp: _, ...point }) => point);
    expect(resumed?.key).toBe(uninterrupted?.key);
    expect(points(resumed)).toEqual(points(uninterrupted));
    expect(resumed?.summary).toEqual(uninterrupted?.summary);
  });

  it("between artifacts and record leaves a step unfinished; the next start finishes it", async () => {
    const child = startProcess("dieBeforeRecord", root);
    expect(await endOf(child)).toBe("SIGKILL");
    const [aside] = await readdir(join(root, "tmp"));
    expect(await readdir(join(root, "tmp", aside as string))).toEqual(["network.safetensors"]);
    expect(await readdir(join(root, "steps")).catch(() => [])).toEqual([]);
    const records = await execute(toyPlan(), fakePorts(store));
    expect(records.size).toBe(toyPlan().steps.length);
    expect(await readdir(join(root, "tmp"))).toEqual([]);
  });
});
