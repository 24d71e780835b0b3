import {
  defineStep,
  evaluate,
  initialize,
  type Model,
  maskLogits,
  type Params,
  type StepOutputs,
} from "@isthmus/core";
import { z } from "zod";
import { readLearned } from "./learned.js";
import { openLearner, openStream, reference, streamDependencies, streamOptions } from "./references.js";

const options = z.strictObject({
  ...streamOptions,
  learner: reference.nullable().describe("the learner, where it reads the network's answers in its own way"),
});

const details = z.object({
  task: z.number().nullable(),
  names: z.array(z.string()),
  counts: z.array(z.number()),
  accuracy: z.array(z.number()),
  masked: z.array(z.number()),
  loss: z.array(z.number()),
  steps: z.number(),
  floats: z.number(),
  images: z.number(),
});

/** A row of the matrix of accuracies, and what it took; `task` is null for θ₀. */
export type StreamEvaluation = z.output<typeof details>;

/** Reads what a step `evaluate-stream` left. */
export const readEvaluation = (outputs: StepOutputs): StreamEvaluation => details.parse(outputs.details);

/** Mean of some numbers, weighted by counts. */
export function weightedMean(values: readonly number[], counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return values.reduce((sum, value, i) => sum + value * (counts[i] as number), 0) / total;
}

/**
 * Accuracy of a network on the test images of every task of the stream, those to come included: answering among all classes
 * (class-incremental), and among the task's own (task-incremental). Without a network, θ₀ is evaluated. Series
 * `accuracy/task_<j>`, `accuracy/seen` and `accuracy/all` have the number of tasks learned as their step.
 */
export const evaluateStream = defineStep({
  name: "evaluate-stream",
  options,
  dependencies(step) {
    const { contributions, dataset } = streamDependencies(step);
    const { learner } = step;
    return {
      contributions:
        learner === null ? contributions : [...contributions, { kind: "learner", name: learner.name }],
      dataset,
    };
  },
  async run({ networks = [] }, step, context): Promise<StepOutputs> {
    const { tasks, model } = await openStream(step, context);
    const learned = networks[0] === undefined ? undefined : readLearned(networks[0]);
    const { learner, options: learnerOptions } =
      step.learner === null
        ? { learner: undefined, options: undefined }
        : await openLearner(step.learner, context);
    const answers: Model =
      learned === undefined ? model : (learner?.readout?.(learnerOptions, model, learned.state) ?? model);
    const params: Params = learned?.state.params ?? initialize(model, context.rng.fork("init"));
    const { signal } = context;
    const row: Omit<StreamEvaluation, "task" | "steps" | "floats" | "images"> = {
      names: tasks.map(({ name }) => name),
      counts: tasks.map(({ test }) => test.count),
      accuracy: [],
      masked: [],
      loss: [],
    };
    for (const [j, { classes, test }] of tasks.entries()) {
      const { accuracy, loss } = await evaluate(answers, params, test, { signal });
      const all = classes.length === model.spec.task.classes;
      const own = all
        ? accuracy
        : (await evaluate(maskLogits(answers, classes), params, test, { signal })).accuracy;
      row.accuracy.push(accuracy);
      row.loss.push(loss);
      row.masked.push(own);
      context.progress(j + 1, tasks.length, "tasks");
    }
    if (learned !== undefined) {
      const { task } = learned.details;
      const seen = row.accuracy.slice(0, task + 1);
      context.metrics(
        {
          ...Object.fromEntries(row.accuracy.map((value, j) => [`accuracy/task_${j}`, value])),
          "accuracy/seen": weightedMean(seen, row.counts.slice(0, task + 1)),
          "accuracy/all": weightedMean(row.accuracy, row.counts),
        },
        task + 1,
      );
    }
    const { task = null, steps = 0, floats = 0, images = 0 } = learned?.details ?? {};
    return { details: { task, ...row, steps, floats, images } satisfies StreamEvaluation };
  },
});
