import { beforeAll, describe, expect, it } from "vitest";
import { fakePorts } from "../../../test/fake-project.js";
import { toyHost } from "../../../test/toy-host.js";
import type { Params } from "../../contracts/params.js";
import type { StepContext, StepOutputs } from "../../contracts/step.js";
import { useBackend } from "../../numerics/engine/engine.js";
import { initialize } from "../../numerics/params.js";
import { Rng } from "../../numerics/rng.js";
import { toyModel } from "../../testing/fixtures.js";
import type { StepStore } from "../ports.js";
import { evaluateStep } from "./evaluate.js";

const host = toyHost();
const { datasets } = fakePorts({} as StepStore, undefined, { host });
const progress: [number, number | undefined, string][] = [];
const context = {
  dataset: datasets.load,
  signal: new AbortController().signal,
  progress: (...report: (typeof progress)[number]) => void progress.push(report),
} as unknown as StepContext;
const dataset = { name: "bars", options: { train: 90, test: 40 } };

beforeAll(async () => {
  await useBackend("cpu");
});

/** A network without hidden layers that gives every image the same logits. */
function constant(logits: readonly number[]): StepOutputs {
  const model = toyModel([]);
  const zero: Params = initialize(model, Rng.seed(0));
  const params = new Map(
    [...zero].map(([name, { shape, data }]) => [name, { shape, data: data.map(() => 0) }]),
  );
  params.set("bias0", { shape: [3], data: Float32Array.from(logits) });
  return { network: { model, params } };
}

const evaluate = (network: StepOutputs, split: "train" | "test") =>
  evaluateStep.run({ networks: [network] }, { dataset, split }, context);

describe("a step of evaluation", () => {
  it("sums up loss and accuracy under the split's name", async () => {
    // Constant logits z: accuracy is the share of the favored class, loss is log Σ exp z less the mean of the labels' z.
    const [favored, ...others] = [2, 0.5, -1];
    const logSumExp = Math.log(Math.exp(2) + Math.exp(0.5) + Math.exp(-1));
    const shares = { train: [30 / 90, 30 / 90, 30 / 90], test: [14 / 40, 13 / 40, 13 / 40] };
    for (const split of ["train", "test"] as const) {
      const { summary } = await evaluate(constant([favored, ...others]), split);
      const meanLogit = shares[split].reduce((sum, share, c) => sum + share * [favored, ...others][c], 0);
      expect(Object.keys(summary ?? {})).toEqual([`${split}/accuracy`, `${split}/loss`]);
      expect(summary?.[`${split}/accuracy`]).toBe(shares[split][0]);
      expect(summary?.[`${split}/loss`]).toBeCloseTo(logSumExp - meanLogit, 5);
    }
    expect(progress.at(-1)).toEqual([40, 40, "images"]);
  });

  it("keeps the confusion matrix and the accuracy of each class", async () => {
    const { details } = await evaluate(constant([0, 1, 0]), "test");
    expect(details).toEqual({
      perClass: [0, 1, 0],
      confusion: [
        [0, 14, 0],
        [0, 13, 0],
        [0, 13, 0],
      ],
    });
  });

  it("gives no accuracy for a class without images", async () => {
    const few = { name: "bars", options: { train: 90, test: 2 } };
    const { details } = await evaluateStep.run(
      { networks: [constant([0, 1, 0])] },
      { dataset: few, split: "test" },
      context,
    );
    expect(details).toMatchObject({ perClass: [0, 1, null] });
  });

  it("refuses an input that is no network", async () => {
    await expect(evaluate({ summary: {} }, "test")).rejects.toMatchObject({ code: "plan/invalid" });
    await expect(evaluateStep.run({}, { dataset, split: "test" }, context)).rejects.toMatchObject({
      code: "plan/invalid",
    });
  });

  it("depends on the data; the network's code is in the key of the step that made it", () => {
    expect(evaluateStep.dependencies({ dataset, split: "test" })).toEqual({ contributions: [], dataset });
  });
});
