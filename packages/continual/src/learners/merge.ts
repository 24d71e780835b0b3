import {
  afterwardsOption,
  concatenate,
  defineLearner,
  type FusionInput,
  finishFusion,
  type JsonObject,
  type LabeledData,
  type Params,
  type TrainedContext,
  trainSettings,
} from "@isthmus/core";
import { z } from "zod";

const options = z
  .strictObject({
    fusion: z
      .strictObject({
        method: z.string().describe("fusion method"),
        options: z
          .record(z.string(), z.json())
          .default({})
          .describe("options of the method; what is left out has its default"),
      })
      .meta({ contribution: { kind: "fusion", name: "method", options: "options" } })
      .describe("how networks are merged"),
    from: z
      .enum(["initial", "current", "previous"])
      .default("initial")
      .describe(
        "where training on a task starts: at θ₀ (then the task models are shared with other learners), at the merged network, or at the model of the task before",
      ),
    of: z
      .enum(["current", "tasks"])
      .default("current")
      .describe(
        "what the new task model is merged with: the merged network so far, or all earlier task models at once",
      ),
    weight: z
      .union([z.literal("equal"), z.number().min(0).max(1)])
      .default("equal")
      .describe(
        "share of the new task model: 1/t at the t-th task (`equal`), or a number; of all task models always equal",
      ),
    data: z
      .enum(["memory", "seen"])
      .default("memory")
      .describe(
        "joint data of methods that need some, of what is done afterwards, and of fine-tuning: the memory, or all images of the tasks so far",
      ),
    afterwards: afterwardsOption,
    fineTune: trainSettings
      .nullable()
      .default(null)
      .describe(
        "training settings with which the merged network is trained further on that data; null: it is not",
      ),
  })
  .refine(({ of, weight }) => of === "current" || weight === "equal", {
    path: ["weight"],
    message: "all task models weigh equally: leave `weight` out, or merge `of: current`",
  });

/** Options of learning by merging, resolved. */
export type MergeOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface LearnerOptions {
    merge: MergeOptions;
  }
}

/** Task models that the learner itself keeps, in order: those that start at θ₀ are given to it at every task. */
function keptModels({ of, from }: MergeOptions, { state, trained }: TrainedContext): readonly Params[] {
  if (from === "initial") return [];
  const before = Object.values(state.extra ?? {});
  if (of === "tasks") return [...before, trained.params];
  return from === "previous" ? [trained.params] : [];
}

/** The networks to merge and their shares. */
function shares(settings: MergeOptions, context: TrainedContext): readonly (readonly [Params, number])[] {
  const { task, state, trained, taskModels } = context;
  const count = task.index + 1;
  if (settings.of === "tasks") {
    const models = settings.from === "initial" ? taskModels : keptModels(settings, context);
    return models.map((params) => [params, 1 / count]);
  }
  const weight = settings.weight === "equal" ? 1 / count : settings.weight;
  return [
    [state.params, 1 - weight],
    [trained.params, weight],
  ];
}

/**
 * Learning by merging: a network is fine-tuned on each task, and from the second on merged with what was learned before, by any
 * registered fusion method. With θ_k the k-th task model, merged_1 = θ_1 and merged_k = merge(merged_{k-1}, θ_k); in that order, so
 * that a curve runs from the merged network (t = 0) to the new one (t = 1). With equal shares `at: weights` is its point t = 1/k,
 * 1 - 1/k of the way from the new network; `at: 0.5` halves the share of all earlier tasks at every merge. The common ancestor is θ₀.
 */
export const merge = defineLearner({
  name: "merge",
  title: "Merging",
  description: "Fine-tunes a network on each task and merges it with what was learned before.",
  options,
  needs: ({ fusion, from, data, afterwards, fineTune }) => ({
    memory: data === "memory" && fineTune !== null,
    taskModels: from === "initial",
    fusions: [{ ...fusion, at: ["fusion"], afterwards, memory: data === "memory" }],
  }),
  beforeTask: ({ from }, { state, initial, objective }) => ({
    objective: objective(
      from === "previous" ? (Object.values(state.extra ?? {}).at(-1) ?? initial) : state.params,
    ),
  }),
  async afterTask(settings, context) {
    const { task, seen, memory, model, trained, signal, progress } = context;
    const { fusion, afterwards, fineTune } = settings;
    const kept = keptModels(settings, context);
    const extra = Object.fromEntries(
      kept.map((params, i) => [`task${task.index + 1 - kept.length + i}`, params] as const),
    );
    if (task.index === 0) return { params: trained.params, extra };
    const data: LabeledData =
      settings.data === "memory" ? memory.data : concatenate(seen.map(({ train }) => train));
    const inputs = shares(settings, context).map(
      ([params, weight]): FusionInput => ({ model, params, weight }),
    );
    const fused = await context.fuse(fusion.method, inputs, fusion.options as JsonObject, data);
    const finished = await finishFusion(fused, inputs, { afterwards, data, signal, progress });
    if (fineTune === null) return { params: finished.params, extra };
    const objective = context.objective(finished.params);
    const { params } = await context.train("fine-tune", objective, { data, settings: fineTune });
    return { params, extra };
  },
});
