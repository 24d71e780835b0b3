import {
  defineExperiment,
  type Plan,
  type PlanContext,
  type PlannedStep,
  resolveArchitecture,
  resolveDataset,
  resolvePart,
} from "@isthmus/core";
import type { MemoryOptions } from "../memory/options.js";
import { type ContinualBody, continualBody } from "./body.js";
import { type PlannedLearner, planLearner } from "./rows.js";
import { planSeed, type SharedStream } from "./steps.js";
import { planTaskFiles } from "./task-files.js";

async function resolveShared(body: ContinualBody, context: PlanContext): Promise<SharedStream> {
  const [dataset, scenario, architecture] = await context.collect<
    SharedStream["dataset"] & { tasks?: number; hasStatistics?: boolean }
  >([
    async () => {
      const { name, options } = await resolveDataset(body.dataset, context);
      return { name, options };
    },
    async () => {
      const { method, options: input } = body.scenario;
      const { name, resolved, options } = await resolvePart("scenario", method, input, context, {
        name: ["scenario", "method"],
        options: ["scenario", "options"],
      });
      return { name, options, tasks: resolved.tasks(options) };
    },
    async () => {
      const { name, resolved, options } = await resolveArchitecture(body.model, context);
      return { name, options, hasStatistics: resolved.hasStatistics?.(options) ?? false };
    },
  ]);
  const { tasks = 0, ...stream } = scenario;
  const { hasStatistics = false, ...model } = architecture;
  const taskFiles = await planTaskFiles(body.taskModels ?? [], { architecture: model, tasks }, context);
  return { dataset, scenario: stream, architecture: model, hasStatistics, tasks, taskFiles };
}

/** The comparison of all rows over all seeds: figures, and a table of every accuracy. */
function planSummary(
  rows: readonly PlannedLearner[],
  matrices: readonly { readonly row: string; readonly seed: number; readonly metrics: string }[],
): PlannedStep {
  return {
    id: "continual-summary",
    kind: "continual-summary",
    options: {
      rows: rows.map(({ row, group, options }) => {
        const memory = options.memory as MemoryOptions | null;
        return { row, group, memory: memory && { size: memory.size, per: memory.per } };
      }),
      runs: matrices.map(({ row, seed }) => ({ row, seed })),
    },
    inputs: { matrices: matrices.map(({ metrics }) => metrics) },
  };
}

/**
 * The study of learning tasks one after another: every learner learns the stream and is evaluated on all its tasks after each of
 * them, per seed. The same θ₀, stream and memory for all learners of a seed; names of rows are in no step's options but the
 * summary's, so that learners and recipes share what they have in common.
 */
export const continualExperiment = defineExperiment({
  name: "continual",
  title: "Learn a stream of tasks with several learners, evaluate on all tasks after each",
  options: continualBody,
  async plan(body, context): Promise<Plan> {
    let shared: SharedStream | undefined;
    let learners: readonly PlannedLearner[] = [];
    await context.collect<void>([
      async () => {
        shared = await resolveShared(body, context);
      },
      async () => {
        const checks = Object.keys(body.learn).map(
          (row) => () => planLearner(row, body, shared?.hasStatistics ?? false, context),
        );
        learners = (await context.collect(checks)).flat();
        checkDistinct(learners, context);
        if (body.taskModels !== undefined && !learners.some(({ taskModels }) => taskModels)) {
          context.fail(["taskModels"], "no learner merges task models that begin at θ₀");
        }
      },
    ]);
    const known = shared as SharedStream;
    const plans = context.seeds.map((seed) => planSeed(learners, known, seed));
    const rows = plans.flatMap((plan) => plan.rows);
    const matrices = rows.map(({ network: { row, seed }, metrics }) => ({ row, seed, metrics }));
    return {
      steps: [...known.taskFiles, ...plans.flatMap(({ steps }) => steps), planSummary(learners, matrices)],
      networks: rows.map(({ network }) => network),
      columns: [
        { metric: "stream/average_accuracy", title: "average (%)", percent: true },
        { metric: "stream/forgetting", title: "forgetting (%)", percent: true },
        { metric: "stream/backward_transfer", title: "BWT (%)", percent: true },
        { metric: "stream/forward_transfer", title: "FWT (%)", percent: true },
        { metric: "task_il/average_accuracy", title: "task-IL (%)", percent: true },
      ],
    };
  },
});

/** Rows of several memory sizes are named after them, and so may meet others. */
function checkDistinct(learners: readonly PlannedLearner[], context: PlanContext): void {
  const taken = new Map<string, string>();
  for (const { row, group } of learners) {
    if (taken.has(row))
      context.fail(["learn", group], `the row "${row}" exists already`, "Give one of them another name.");
    taken.set(row, group);
  }
}
