import { evaluate, LabeledImages, linearCombination, Rng, type StepContext } from "@isthmus/core";
import { toyInputs } from "@isthmus/core/testing";
import { describe, expect, it } from "vitest";
import { barriers } from "./barriers.js";
import { toyDataset } from "./testing/toy-dataset.js";

describe("barriers between networks", () => {
  const dataset = toyDataset();
  const context = {
    rng: Rng.seed(0),
    signal: new AbortController().signal,
    progress: () => {},
    dataset: async () => dataset,
  } as unknown as StepContext;
  const inputs = toyInputs(3, 4);
  const run = (count: number) =>
    barriers.run(
      { networks: inputs.slice(0, count).map((network) => ({ network })) },
      {
        seed: 0,
        dataset: { name: "toy", options: {} },
        names: ["a", "b", "c"].slice(0, count),
        split: "both",
        trainShare: 1,
        points: 3,
      },
      context,
    );

  it("are those of every pair, measured directly, in a symmetric matrix", async () => {
    const { arrays, details, summary, figures } = await run(3);
    const data = new LabeledImages(dataset, "test");
    const measure = async (coefficients: readonly number[]) => {
      const params = linearCombination(
        coefficients,
        inputs.map((each) => each.params),
      );
      const { loss, accuracy } = await evaluate(inputs[0].model, params, data);
      return [loss, 100 * (1 - accuracy)];
    };
    const corners = [await measure([1, 0, 0]), await measure([0, 1, 0]), await measure([0, 0, 1])];
    const middles = { "0,1": [0.5, 0.5, 0], "0,2": [0.5, 0, 0.5], "1,2": [0, 0.5, 0.5] };
    const heights: number[] = [];
    for (const [pair, coefficients] of Object.entries(middles)) {
      const [i, j] = pair.split(",").map(Number);
      const middle = await measure(coefficients);
      ["loss", "error"].forEach((name, m) => {
        const height = Math.max(0, middle[m] - (corners[i][m] + corners[j][m]) / 2);
        const matrix = arrays?.[`test_${name}`];
        expect(matrix?.shape).toEqual([3, 3]);
        expect(matrix?.data[3 * i + j]).toBeCloseTo(height, 4);
        expect(matrix?.data[3 * j + i]).toBe(matrix?.data[3 * i + j]);
        if (name === "loss") heights.push(height);
      });
    }
    expect([0, 4, 8].map((i) => arrays?.test_loss.data[i])).toEqual([0, 0, 0]);
    expect(summary?.["barrier/test_loss"]).toBeCloseTo(Math.max(...heights), 5);
    expect(details).toMatchObject({ pairs: [{ of: ["a", "b"] }, { of: ["a", "c"] }, { of: ["b", "c"] }] });
    expect(arrays?.train_error_lines.shape).toEqual([3, 3]);
    expect(Object.keys(figures ?? {})).toEqual([
      "barrier-train-loss",
      "barrier-train-error",
      "barrier-test-loss",
      "barrier-test-error",
    ]);
  });

  it("of two networks are one number for each measure, without a figure; of one there are none", async () => {
    const { figures, summary } = await run(2);
    expect(figures).toEqual({});
    expect(Object.keys(summary ?? {})).toEqual([
      "barrier/train_loss",
      "barrier/train_error",
      "barrier/test_loss",
      "barrier/test_error",
    ]);
    await expect(run(1)).rejects.toMatchObject({ code: "landscape/networks" });
  });
});
