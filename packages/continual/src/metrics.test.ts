import { describe, expect, it } from "vitest";
import { streamMetrics } from "./metrics.js";

// Worked out by hand, row after row.
const matrix = [
  [0.9, 0.2, 0.1],
  [0.95, 0.8, 0.3],
  [0.5, 0.6, 0.7],
];
const untrained = [0.1, 0.15, 0.05];

describe("metrics of a stream", () => {
  it("are those of their formulas", () => {
    const metrics = streamMetrics(matrix, untrained);
    expect(metrics.averageAccuracy).toBeCloseTo((0.5 + 0.6 + 0.7) / 3, 12);
    expect(metrics.incrementalAccuracy).toBeCloseTo((0.9 + 0.875 + 0.6) / 3, 12);
    expect(metrics.learningAccuracy).toBeCloseTo((0.9 + 0.8 + 0.7) / 3, 12);
    expect(metrics.forgetting).toBeCloseTo((0.95 - 0.5 + (0.8 - 0.6)) / 2, 12);
    expect(metrics.backwardTransfer).toBeCloseTo((0.5 - 0.9 + (0.6 - 0.8)) / 2, 12);
    expect(metrics.forwardTransfer).toBeCloseTo((0.2 - 0.15 + (0.3 - 0.05)) / 2, 12);
  });

  it("that a task was learned well before it began does not count as forgetting", () => {
    expect(
      streamMetrics(
        [
          [0.9, 1],
          [0.9, 0.5],
        ],
        [0, 0],
      ).forgetting,
    ).toBe(0);
  });

  it("are the average accuracy alone for one row of several tasks, and no transfer for one task", () => {
    expect(streamMetrics([[0.4, 0.6]], [0.5, 0.5])).toEqual({ averageAccuracy: 0.5 });
    expect(streamMetrics([[0.4]], [0.1])).toEqual({
      averageAccuracy: 0.4,
      incrementalAccuracy: 0.4,
      learningAccuracy: 0.4,
    });
  });
});
