import { linearCombination, type Params, sameBits } from "@isthmus/core";
import { describeLearner, learnToyStream, toyStream } from "@isthmus/core/testing";
import { describe, expect, it } from "vitest";
import { toyFusions } from "../../test/toy-study.js";
import { cumulative } from "./cumulative.js";
import { joint } from "./joint.js";
import { type MergeOptions, merge } from "./merge.js";
import { naive } from "./naive.js";

const fusions = [toyFusions.mean, toyFusions.fed];
const fineTune = { epochs: 2, batchSize: 9, optimizer: { kind: "sgd", learningRate: 0.05 } };
const mean = { method: "mean" };

describeLearner(naive);
describeLearner(cumulative);
describeLearner(joint);
// What is merged is not what was just trained: these learn all tasks a little.
describeLearner(merge, { options: { fusion: mean }, fusions, learns: 0.5 });
describeLearner(merge, { options: { fusion: mean, from: "current", fineTune }, fusions, learns: 0.5 });
describeLearner(merge, { options: { fusion: mean, from: "previous", of: "tasks" }, fusions, learns: 0.5 });

const learned = async (options: object) => {
  const parsed = merge.options.safeParse(options);
  if (!parsed.success) throw new Error(JSON.stringify(parsed.error.issues));
  return learnToyStream(merge, parsed.data as MergeOptions, { fusions });
};
const params = async (options: object) => (await learned(options)).map(({ state }) => state.params);

/** θ₀ fine-tuned on each task by itself: what merging with weight 1 leaves. */
const taskModels = params({ fusion: mean, weight: 1 });

function expectClose(a: Params, b: Params): void {
  for (const [name, { data }] of linearCombination([1, -1], [a, b]))
    expect(Math.max(...data.map(Math.abs)), name).toBeLessThan(1e-6);
}

describe("merging", () => {
  it("with equal shares is the mean of all task models, one by one or all at once", async () => {
    const [one, two, three] = await params({ fusion: mean });
    const models = await taskModels;
    expect(sameBits(one, models[0])).toBe(true);
    expectClose(two, linearCombination([1 / 2, 1 / 2], models.slice(0, 2)));
    expectClose(three, linearCombination([1 / 3, 1 / 3, 1 / 3], models));
    expectClose(three, (await params({ fusion: mean, of: "tasks" }))[2]);
  });

  it("with a fixed share lets earlier tasks fade", async () => {
    const models = await taskModels;
    const [, , three] = await params({ fusion: mean, weight: 0.25 });
    expectClose(three, linearCombination([0.75 * 0.75, 0.75 * 0.25, 0.25], models));
  });

  it("from the network so far, merged with weight 1, is sequential fine-tuning", async () => {
    const sequential = await learnToyStream(naive, {});
    const current = await params({ fusion: mean, weight: 1, from: "current" });
    const previous = await params({ fusion: mean, weight: 1, from: "previous" });
    sequential.forEach(({ state }, t) => {
      expectClose(current[t], state.params);
      expectClose(previous[t], state.params);
    });
  });

  it("hands its options to the method, and fine-tunes from what it gave", async () => {
    const models = await taskModels;
    const [, scaled] = await params({ fusion: { method: "mean", options: { scale: 2 } } });
    expectClose(scaled, linearCombination([1, 1], models.slice(0, 2)));
    const tuned = await learned({ fusion: mean, fineTune });
    expect(sameBits(tuned[0].state.params, models[0])).toBe(true);
    // The memory has 9 images of each task: 2 · 18/9 updates after the second, 2 · 27/9 after the third.
    expect(tuned.map(({ steps }) => steps)).toEqual([0, 4, 6]);
  });

  it("gives methods that need data the memory, or all images seen", async () => {
    const needs = (options: object) => {
      const parsed = merge.options.safeParse(options);
      return parsed.success ? merge.needs?.(parsed.data) : undefined;
    };
    expect(needs({ fusion: mean })).toMatchObject({ memory: false, taskModels: true });
    expect(needs({ fusion: mean, fineTune })).toMatchObject({ memory: true });
    const seen = needs({ fusion: { method: "fed" }, data: "seen", fineTune });
    expect(seen).toMatchObject({
      memory: false,
      fusions: [{ method: "fed", at: ["fusion"], memory: false }],
    });
    const tuned = await learned({ fusion: { method: "fed" }, data: "seen", fineTune });
    const images = toyStream().map(({ train }) => train.count);
    expect(tuned[2].steps).toBe(2 * Math.ceil(images.reduce((a, b) => a + b, 0) / 9));
  });

  it("refuses a share for task models that all weigh equally", () => {
    expect(merge.options.safeParse({ fusion: mean, of: "tasks", weight: 0.5 }).success).toBe(false);
  });
});
