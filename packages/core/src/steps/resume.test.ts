import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { fakePorts } from "../../test/fake-project.js";
import type { Network } from "../contracts/fusion.js";
import type { Params } from "../contracts/params.js";
import { defineStep, type StepOutputs } from "../contracts/step.js";
import { FileStore } from "../node/file-store.js";
import { initialize, sameBits } from "../numerics/params.js";
import { classification } from "../numerics/training/classification.js";
import { trainSettings } from "../numerics/training/settings.js";
import { train } from "../numerics/training/train.js";
import { toyArchitecture, toyData, toyModel } from "../testing/fixtures.js";
import { execute } from "./execute.js";
import { modelBuilder } from "./model-builder.js";
import type { StepHost } from "./ports.js";

/** Trains the toy network with core's own loop, as the step of an experiment does. */
const training = defineStep({
  name: "train",
  options: z.strictObject({ seed: z.number(), training: trainSettings }),
  dependencies: () => ({ contributions: [] }),
  run: async (_inputs, { training: settings }, context): Promise<StepOutputs> => {
    const { rng, signal, progress, state, metrics } = context;
    const model = toyModel();
    const objective = classification(model, initialize(model, rng.fork("weights")));
    const resume = await state.load();
    const save = state.save;
    const { params, best } = await train(objective, toyData(), settings, {
      rng: rng.fork("training"),
      signal,
      progress,
      metrics,
      save,
      ...(resume === undefined ? {} : { resume }),
    });
    return { network: { model, params }, extra: { best: best?.params as Params } };
  },
});

const host: StepHost = {
  resolve: async (kind) => (kind === "step" ? training : toyArchitecture) as never,
  origin: () => ({ plugin: "toys", version: "1", file: "/toys.js" }),
};

const optimizers = [
  { kind: "sgd", learningRate: 0.05, momentum: 0.9 },
  { kind: "adam", learningRate: 0.01 },
] as const;

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "isthmus-resume-"));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

describe("training that is stopped in the middle of an epoch", () => {
  it.each(optimizers)(
    "goes on from the disk to the bits of a run that was never stopped ($kind)",
    async (optimizer) => {
      const settings = trainSettings.parse({ epochs: 5, batchSize: 16, optimizer, validationShare: 0.2 });
      const step = { id: "a", kind: "train", options: { seed: 3, training: settings }, inputs: {} };
      const run = async (store: FileStore, stopAt?: number) => {
        const controller = new AbortController();
        const observer = {
          progress: (_step: unknown, done: number) => void (done === stopAt && controller.abort()),
        };
        const ports = fakePorts(store, undefined, { host });
        const records = await execute({ steps: [step], networks: [] }, ports, {
          signal: controller.signal,
          observer,
        });
        const record = records.get("a");
        const series = record?.metrics.map(({ key, value, step: epoch }) => [key, value, epoch]);
        return { series, outputs: await store.outputs(record as never, modelBuilder(host)) };
      };

      const store = new FileStore(join(root, "stopped"));
      for (const done of [16, 72 + 32, 3 * 72 + 16]) {
        await expect(run(store, done)).rejects.toMatchObject({ code: "run/aborted" });
      }
      const [stopped, whole] = [await run(store), await run(new FileStore(join(root, "whole")))];
      expect(stopped.series).toEqual(whole.series);
      expect(stopped.series).toHaveLength(5 * 4);
      const [p, q] = [stopped, whole].map(({ outputs }) => outputs.network as Network);
      expect(sameBits(p?.params as Params, q?.params as Params)).toBe(true);
      const [best, other] = [stopped, whole].map(({ outputs }) => outputs.extra?.best as Params);
      expect(sameBits(best as Params, other as Params)).toBe(true);
    },
  );
});
