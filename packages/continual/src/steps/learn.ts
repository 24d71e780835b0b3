import {
  type ContributionRef,
  defineStep,
  initialize,
  type LearnerState,
  learnTask,
  type Model,
  maskLogits,
  memoryOf,
  type Params,
  type StepOutputs,
  type Task,
  trainSettings,
} from "@isthmus/core";
import { z } from "zod";
import { featuresOf } from "../memory/features.js";
import { memoryOptions, onlineRule } from "../memory/options.js";
import { remember } from "../memory/remember.js";
import { type LearnedDetails, readLearned, readTaskModel } from "./learned.js";
import {
  openLearner,
  openStream,
  planMistake,
  reference,
  streamDependencies,
  streamOptions,
} from "./references.js";

const options = z.strictObject({
  ...streamOptions,
  stream: z.string().describe("name of the random stream below `learn`"),
  learner: reference,
  uses: z.array(z.string()).default([]).describe("fusion methods that are called"),
  training: trainSettings,
  mask: z
    .enum(["none", "task", "seen"])
    .describe("classes among which training answers: all, the task's, those seen"),
  memory: memoryOptions.nullable(),
  task: z.number().int().min(0).describe("place of the task in the stream"),
});

/** The network as it is trained on the last of these tasks. */
function masked(model: Model, mask: "none" | "task" | "seen", seen: readonly Task[]): Model {
  if (mask === "none") return model;
  const tasks = mask === "task" ? seen.slice(-1) : seen;
  return maskLogits(model, [...new Set(tasks.flatMap(({ classes }) => classes))]);
}

function sizeOfAll(extra: LearnerState["extra"]): number {
  const all = Object.values(extra ?? {}).flatMap((params: Params) => [...params.values()]);
  return all.reduce((sum, { data }) => sum + data.length, 0);
}

/**
 * Lets a learner learn one task. `before` is what it left after the task before, `taskModels` are θ₀ fine-tuned on each task so
 * far, trained or from files. Its streams are `init` (θ₀), `scenario`, `memory`/task/<t> and `learn`/<stream>/task/<t>. `details`
 * counts the updates of weights up to here (those of the task models included), and what is kept between tasks besides the network:
 * `images` of the memory, and numbers (`floats`), those of the images included.
 */
export const learn = defineStep({
  name: "learn",
  options,
  dependencies(step) {
    const { contributions, dataset } = streamDependencies(step);
    const own: ContributionRef[] = [
      { kind: "learner", name: step.learner.name },
      ...step.uses.map((name) => ({ kind: "fusion", name }) as const),
    ];
    return { contributions: [...contributions, ...own], dataset };
  },
  async run({ before = [], taskModels = [] }, step, context): Promise<StepOutputs> {
    const { stream, learner: named, uses, training, mask, memory: kept, task } = step;
    const { learner, options: learnerOptions } = await openLearner(named, context);
    const { tasks, model } = await openStream(step, context);
    const seen = tasks.slice(0, task + 1);
    if (seen.length !== task + 1) throw planMistake(`planned for task ${task} of ${tasks.length}`);
    const earlier = before[0] === undefined ? undefined : readLearned(before[0]);
    const models = taskModels.map((outputs, t) => readTaskModel(outputs, t, model));
    const known = memoryOf(seen, earlier?.details.memory ?? []);
    const answering = masked(model, mask, seen);
    const online = learner.needs?.(learnerOptions).memory === "online";
    const memoryRule = online && kept !== null ? onlineRule(kept) : undefined;
    if (online && memoryRule === undefined)
      throw planMistake(`planned with a memory that "${named.name}" cannot fill while it trains`);
    const choosing = context.rng.fork("memory").fork(`task/${task}`);
    const { state, memory, steps } = await learnTask(
      learner,
      learnerOptions,
      {
        model: answering,
        modelOf: (earlier) => (mask === "task" ? masked(model, mask, [earlier]) : answering),
        initial: initialize(model, context.rng.fork("init")),
        state: earlier?.state,
        seen,
        memory: known,
        remember: async (params) => {
          if (kept === null || online) return known;
          const features = () => featuresOf(model, params, (seen[task] as Task).train);
          return memoryOf(seen, await remember(known.indices, kept, seen, { rng: choosing, features }));
        },
        ...(memoryRule === undefined ? {} : { memoryRule }),
        taskModels: models.map(({ params }) => params),
        training,
        rng: context.rng.fork("learn").fork(stream).fork(`task/${task}`),
        uses,
      },
      context,
    );
    const { params, extra, details } = state;
    const learned: LearnedDetails = {
      task,
      state: (details as LearnedDetails["state"] | undefined) ?? null,
      memory: memory.indices.map((own) => [...own]),
      steps: steps + (earlier?.details.steps ?? 0) + (models.at(-1)?.steps ?? 0),
      images: memory.data.count,
      floats: memory.data.count * model.spec.task.inputShape.reduce((a, b) => a * b, 1) + sizeOfAll(extra),
    };
    return { network: { model, params }, ...(extra === undefined ? {} : { extra }), details: learned };
  },
});
