import {
  canonicalJson,
  type JsonObject,
  type PlannedNetwork,
  type PlannedStep,
  prefixedParams,
} from "@isthmus/core";
import type { PlannedLearner } from "./rows.js";

/** What all steps of a recipe share. */
export interface SharedStream {
  readonly dataset: { readonly name: string; readonly options: JsonObject };
  readonly scenario: { readonly name: string; readonly options: JsonObject };
  readonly architecture: { readonly name: string; readonly options: JsonObject };
  /** True where its networks have running statistics. */
  readonly hasStatistics: boolean;
  /** Number of tasks. */
  readonly tasks: number;
  /** Steps that have the task models from files, one for each task; none where they are trained. */
  readonly taskFiles: readonly PlannedStep[];
}

/** The steps of one row and seed, and the network they end with. */
export interface PlannedRow {
  readonly steps: readonly PlannedStep[];
  readonly network: PlannedNetwork;
  /** Id of the step that holds its matrices of accuracies. */
  readonly metrics: string;
}

/** Options that say which stream it is. */
const streamOf = ({ dataset, scenario, architecture }: SharedStream, seed: number): JsonObject => ({
  seed,
  dataset,
  scenario,
  architecture,
});

/** Id of the evaluation of θ₀ of a seed. */
const untrainedId = (seed: number): string => `evaluate-stream θ₀ seed=${seed}`;

/** The evaluation of θ₀, which all rows of a seed share. */
function planUntrained(shared: SharedStream, seed: number): PlannedStep {
  return {
    id: untrainedId(seed),
    kind: "evaluate-stream",
    options: { ...streamOf(shared, seed), learner: null },
    inputs: {},
  };
}

/** θ₀ fine-tuned on each task by itself: what sequential fine-tuning makes of the task when nothing came before it. */
function planTaskModels(
  { stream, training, mask }: JsonObject,
  name: string,
  shared: SharedStream,
  seed: number,
): readonly PlannedStep[] {
  return Array.from({ length: shared.tasks }, (_, task) => ({
    id: `learn ${name} ${task + 1}/${shared.tasks} seed=${seed}`,
    kind: "learn",
    options: {
      ...streamOf(shared, seed),
      learner: { name: "naive", options: {} },
      ...{ stream, training, mask, memory: null, task },
    },
    inputs: {},
    trains: true,
  }));
}

/** The steps of one row: for every task learn it, then evaluate on all tasks; at the end the metrics of the stream. */
function planRow(
  learner: PlannedLearner,
  models: readonly PlannedStep[],
  shared: SharedStream,
  seed: number,
): PlannedRow {
  const { row, options, once, readsOut } = learner;
  const tasks = Array.from({ length: shared.tasks }, (_, task) => task).slice(once ? -1 : 0);
  const steps: PlannedStep[] = [];
  const learned: string[] = [];
  const evaluations: string[] = [];
  for (const task of tasks) {
    const before = learned.slice(-1);
    const id = `learn ${row} ${once ? "all tasks" : `task ${task + 1}/${shared.tasks}`} seed=${seed}`;
    const evaluation = id.replace("learn", "evaluate-stream");
    const taskModels = models.slice(0, task + 1).map((model) => model.id);
    steps.push(
      {
        id,
        kind: "learn",
        options: { ...streamOf(shared, seed), ...options, task },
        inputs: {
          ...(before.length === 0 ? {} : { before }),
          ...(taskModels.length === 0 ? {} : { taskModels }),
        },
        trains: true,
      },
      {
        id: evaluation,
        kind: "evaluate-stream",
        options: { ...streamOf(shared, seed), learner: readsOut ? options.learner : null } as JsonObject,
        inputs: { networks: [id] },
      },
    );
    learned.push(id);
    evaluations.push(evaluation);
  }
  const metrics = `continual-metrics ${row} seed=${seed}`;
  steps.push({
    id: metrics,
    kind: "continual-metrics",
    options: {},
    inputs: { evaluations, untrained: [untrainedId(seed)] },
  });
  return {
    steps,
    metrics,
    network: {
      row,
      seed,
      step: learned.at(-1) as string,
      stages: [...models.filter(({ kind }) => kind === "learn").map(({ id }) => id), ...learned.slice(0, -1)],
      evaluations: [...evaluations, metrics],
      params: {
        seed: String(seed),
        ...prefixedParams("scenario", shared.scenario.options),
        ...prefixedParams("model", shared.architecture.options),
        ...learner.params,
      },
      tags: {
        architecture: shared.architecture.name,
        dataset: shared.dataset.name,
        scenario: shared.scenario.name,
        ...learner.tags,
      },
    },
  };
}

/** All steps and rows of one seed. Task models are planned once for all rows that train alike. */
export function planSeed(
  learners: readonly PlannedLearner[],
  shared: SharedStream,
  seed: number,
): { readonly steps: readonly PlannedStep[]; readonly rows: readonly PlannedRow[] } {
  const steps: PlannedStep[] = [planUntrained(shared, seed)];
  const known = new Map<string, readonly PlannedStep[]>();
  const modelsFor = ({ row, options, taskModels }: PlannedLearner): readonly PlannedStep[] => {
    if (!taskModels) return [];
    if (shared.taskFiles.length > 0) return shared.taskFiles;
    const { stream, training, mask } = options;
    const alike = canonicalJson([stream, training, mask]);
    const models =
      known.get(alike) ??
      planTaskModels(options, known.size === 0 ? "task alone" : `task alone for ${row}`, shared, seed);
    if (!known.has(alike)) steps.push(...models);
    known.set(alike, models);
    return models;
  };
  const rows = learners.map((learner) => {
    const planned = planRow(learner, modelsFor(learner), shared, seed);
    steps.push(...planned.steps);
    return planned;
  });
  return { steps, rows };
}
