import { defineStep, type Figure, type StepOutputs, type Table } from "@isthmus/core";
import { z } from "zod";
import { matrixFigure } from "../figures/matrix-figure.js";
import { memoryFigure } from "../figures/memory-figure.js";
import { seenFigure, tasksFigure } from "../figures/progress-figures.js";
import type { RowMatrices } from "../figures/row-matrices.js";
import { memoryShape } from "../memory/options.js";
import { readMatrices, type StreamMatrices } from "./continual-metrics.js";

const options = z.strictObject({
  rows: z
    .array(
      z.strictObject({
        row: z.string(),
        group: z.string(),
        memory: z.strictObject({ size: memoryShape.size, per: z.enum(["task", "total"]) }).nullable(),
      }),
    )
    .describe("rows of the table, in order"),
  runs: z.array(z.strictObject({ row: z.string(), seed: z.number() })).describe("row and seed of each input"),
});

/** A run with its matrices. */
interface Run {
  readonly row: string;
  readonly seed: number;
  readonly matrices: StreamMatrices;
}

/** Every accuracy: after which task, on which task, among all classes and among the task's own. */
function accuracies(runs: readonly Run[]): Table {
  const lines = runs.flatMap(({ row, seed, matrices: { names, accuracy, masked } }) =>
    accuracy.flatMap((line, i) => {
      const learned = names.length - accuracy.length + i + 1;
      return line.map((value, j) => [row, seed, learned, j + 1, names[j], value, masked[i][j]]);
    }),
  );
  return {
    columns: ["row", "seed", "after_task", "on_task", "task", "accuracy", "task_il_accuracy"],
    rows: lines,
  };
}

/**
 * Compares all learners over all seeds: heat maps of R, accuracy on the tasks seen and on each task with bands over the seeds,
 * accuracy by the size of the memory where there are several, and the table `accuracies` of every number.
 */
export const continualSummary = defineStep({
  name: "continual-summary",
  options,
  dependencies: () => ({ contributions: [] }),
  async run({ matrices = [] }, { rows, runs }): Promise<StepOutputs> {
    const all = runs.map((run, i): Run => ({ ...run, matrices: readMatrices(matrices[i]) }));
    const shown = rows.map(
      (row): RowMatrices => ({
        ...row,
        matrices: all.filter((run) => run.row === row.row).map((run) => run.matrices.accuracy),
      }),
    );
    const figures: Record<string, Figure | undefined> = {
      "accuracy-matrix": matrixFigure(shown),
      "accuracy-seen": seenFigure(shown),
      "accuracy-tasks": tasksFigure(shown),
      "accuracy-memory": memoryFigure(shown),
    };
    const drawn = Object.entries(figures).filter(
      (entry): entry is [string, Figure] => entry[1] !== undefined,
    );
    return { figures: Object.fromEntries(drawn), tables: { accuracies: accuracies(all) } };
  },
});
