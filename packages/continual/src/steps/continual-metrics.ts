import { defineStep, type StepOutputs } from "@isthmus/core";
import { z } from "zod";
import { type AccuracyMatrix, type StreamMetrics, streamMetrics } from "../metrics.js";
import { readEvaluation, type StreamEvaluation, weightedMean } from "./evaluate-stream.js";
import { planMistake } from "./references.js";

const details = z.object({
  names: z.array(z.string()),
  accuracy: z.array(z.array(z.number())),
  masked: z.array(z.array(z.number())),
});

/** The matrices of accuracies of one learner and seed. */
export type StreamMatrices = z.output<typeof details>;

/** Reads what a step `continual-metrics` left. */
export const readMatrices = (outputs: StepOutputs): StreamMatrices => details.parse(outputs.details);

function named(prefix: string, metrics: StreamMetrics): Record<string, number> {
  const name = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(metrics).map(([key, value]) => [`${prefix}/${name(key)}`, value]));
}

const array = (matrix: AccuracyMatrix) => ({
  shape: [matrix.length, (matrix[0] as readonly number[]).length],
  data: Float32Array.from(matrix.flat()),
});

/**
 * What the evaluations of a learner after each task come to, by the formulas of `streamMetrics`: `stream/…` answering among all
 * classes, `task_il/…` among those of the task. `test/accuracy` and `test/loss` are the last network's on all test images.
 */
export const continualMetrics = defineStep({
  name: "continual-metrics",
  options: z.strictObject({}),
  dependencies: () => ({ contributions: [] }),
  async run({ evaluations = [], untrained = [] }): Promise<StepOutputs> {
    const rows = evaluations.map(readEvaluation);
    const [start] = untrained.map(readEvaluation);
    const last = rows.at(-1);
    if (last === undefined || start === undefined) throw planMistake("planned without evaluations");
    const matrix = (key: "accuracy" | "masked") => rows.map((row: StreamEvaluation) => row[key]);
    return {
      summary: {
        "test/accuracy": weightedMean(last.accuracy, last.counts),
        "test/loss": weightedMean(last.loss, last.counts),
        ...named("stream", streamMetrics(matrix("accuracy"), start.accuracy)),
        ...named("task_il", streamMetrics(matrix("masked"), start.masked)),
        "compute/updates": last.steps,
        "memory/images": last.images,
        "memory/floats": last.floats,
      },
      arrays: { accuracy: array(matrix("accuracy")), masked: array(matrix("masked")) },
      details: {
        names: last.names,
        accuracy: matrix("accuracy"),
        masked: matrix("masked"),
      } satisfies StreamMatrices,
    };
  },
});
