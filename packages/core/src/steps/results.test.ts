import { describe, expect, it } from "vitest";
import type { PlannedNetwork } from "../contracts/experiment.js";
import type { StepRecord } from "./record.js";
import { results } from "./results.js";

const record = (summary: Record<string, number>) => ({ summary }) as unknown as StepRecord;

function network(row: string, seed: number, evaluations = [`e ${row} ${seed}`]): PlannedNetwork {
  return { row, seed, step: `${row} ${seed}`, evaluations, params: {}, tags: {} };
}

/** The textbook example of a population deviation: mean 5, deviation 2. */
const TEXTBOOK = [2, 4, 4, 4, 5, 5, 7, 9];

const seeds = TEXTBOOK.map((_, seed) => seed);
const networks = [...seeds.flatMap((seed) => [network("b", seed), network("a", seed)])];

describe("results", () => {
  const records = new Map([
    ...TEXTBOOK.map((percent, seed): [string, StepRecord] => [
      `e b ${seed}`,
      record(
        seed % 2 === 0 ? { "test/accuracy": percent / 100 } : { accuracy: percent / 100, "curve/barrier": 5 },
      ),
    ]),
    ["e a 3", record({ "test/accuracy": 0.5, "test/loss": 2 })] as const,
  ]);

  it("have mean and population deviation over the seeds, accuracy in percent", () => {
    const [b] = results({ steps: [], networks }, records);
    expect(b).toMatchObject({ model: "b", seeds });
    expect(b?.accuracy?.mean).toBeCloseTo(5, 12);
    expect(b?.accuracy?.std).toBeCloseTo(2, 12);
    for (const [i, percent] of TEXTBOOK.entries()) expect(b?.accuracy?.values[i]).toBeCloseTo(percent, 12);
    expect(b?.metrics["test/accuracy"]?.mean).toBeCloseTo(0.05, 12);
    expect(b?.metrics["curve/barrier"]).toEqual({ mean: 5, std: 0, values: [5, 5, 5, 5] });
    expect(b?.loss).toBeUndefined();
  });

  it("come in the plan's order, over the seeds that have been evaluated", () => {
    const rows = results({ steps: [], networks }, records);
    expect(rows.map(({ model }) => model)).toEqual(["b", "a"]);
    expect(rows[1]).toMatchObject({
      seeds: [3],
      accuracy: { mean: 50, std: 0, values: [50] },
      loss: { mean: 2, std: 0, values: [2] },
    });
  });

  it("leave out networks that nothing evaluates and those without all their evaluations", () => {
    const plan = { steps: [], networks: [network("c", 0, []), network("d", 0, ["e a 3", "missing"])] };
    expect(results(plan, records)).toEqual([]);
  });
});
