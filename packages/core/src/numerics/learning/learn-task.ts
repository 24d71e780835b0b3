import type { LabeledData } from "../../contracts/labeled-data.js";
import type {
  Learner,
  LearnerContext,
  LearnerState,
  MemoryRule,
  TaskMemory,
  TrainedContext,
} from "../../contracts/learner.js";
import type { Model } from "../../contracts/model.js";
import type { Params } from "../../contracts/params.js";
import type { Task } from "../../contracts/scenario.js";
import type { StepContext } from "../../contracts/step.js";
import type { Objective, TrainHooks, TrainResult } from "../../contracts/training.js";
import { IsthmusError } from "../../errors/isthmus-error.js";
import { fusionContext } from "../fusion-context.js";
import { allFinite, checkParams } from "../params.js";
import type { Rng } from "../rng.js";
import { classification } from "../training/classification.js";
import type { TrainSettings } from "../training/settings.js";
import { train } from "../training/train.js";
import { heldOut } from "../training/validation-split.js";
import { memoryOf } from "./memory-of.js";

/** What a task is learned from. */
export interface LearningGivens {
  /** The network as it is trained on this task: masked, where that is asked for. */
  readonly model: Model;
  /** The network as it answers on a task so far. */
  modelOf(task: Task): Model;
  readonly initial: Params;
  /** What the learner left after the task before; undefined before the first. */
  readonly state: LearnerState | undefined;
  /** The tasks up to this one, which is the last. */
  readonly seen: readonly Task[];
  /** Images kept of the tasks before. */
  readonly memory: TaskMemory;
  /** For a learner that fills its memory itself. */
  readonly memoryRule?: MemoryRule;
  /** What is kept once the task has been trained, with the weights that training gave; of a learner that chooses itself what it says. */
  remember(trained: Params): Promise<TaskMemory>;
  /** Where the learner asked for them: θ₀ fine-tuned on each task so far, this one included. */
  readonly taskModels: readonly Params[];
  readonly training: TrainSettings;
  /** This learner's stream for this task: `loop` below it shuffles, `learner` is the learner's own. */
  readonly rng: Rng;
  /** Fusion methods that may be called, those that others call included. */
  readonly uses: readonly string[];
}

/** What is left of a task. */
export interface LearnedTask {
  readonly state: LearnerState;
  readonly memory: TaskMemory;
  /** Updates of weights that were made. */
  readonly steps: number;
}

type Step = Pick<StepContext, "signal" | "progress" | "metrics" | "resolve" | "state">;

/** The name under which training on a task itself is saved and recorded. */
const TASK = "task";

/** Number of updates that a training makes. */
function updatesOf(data: LabeledData, { epochs, batchSize, validationShare }: TrainSettings): number {
  return epochs * Math.ceil((data.count - heldOut(data.count, validationShare)) / batchSize);
}

/**
 * Lets a learner learn one task: `beforeTask`, the training it asked for, `afterTask`. Resumes after a crash: each training is
 * saved under its name. Series of numbers go on from task to task: epoch e of task t is step t · epochs + e.
 *
 * @throws `learner/not-finite`, `params/mismatch` (weights that are not the network's), and what trainings and fusions throw
 */
export async function learnTask<Options>(
  learner: Learner<Options>,
  options: Options,
  givens: LearningGivens,
  step: Step,
): Promise<LearnedTask> {
  const { model, initial, seen, training, rng, taskModels, uses } = givens;
  const task = seen.at(-1) as Task;
  const { signal, progress } = step;
  let steps = 0;

  const trainAs = async (
    name: string,
    objective: Objective,
    data: LabeledData,
    settings: TrainSettings,
    hooks?: TrainHooks,
  ): Promise<TrainResult> => {
    const prefix = name === TASK ? "" : `${name}/`;
    steps += updatesOf(data, settings);
    return train(objective, data, settings, {
      rng: rng.fork(name === TASK ? "loop" : `loop/${name}`),
      signal,
      progress,
      hooks,
      metrics: (values, epoch) => {
        const named = Object.entries(values).map(([key, value]) => [prefix + key, value]);
        step.metrics(Object.fromEntries(named), task.index * settings.epochs + epoch);
      },
      resume: await step.state.load(name),
      save: (state) => step.state.save(state, name),
      saveEnd: true,
    });
  };

  const context = (memory: TaskMemory): LearnerContext => ({
    model,
    modelOf: (each) => givens.modelOf(each),
    initial,
    state: givens.state ?? { params: initial },
    task,
    seen,
    memory,
    ...(givens.memoryRule === undefined ? {} : { memoryRule: givens.memoryRule }),
    training,
    rng: rng.fork("learner"),
    signal,
    progress,
    objective: (params) => classification(model, params),
    train: (name, objective, { data, settings, hooks }) => trainAs(name, objective, data, settings, hooks),
    async fuse(name, inputs, input, data) {
      const caller = fusionContext(step, rng.fork("fuse"), {
        data,
        base: initial,
        uses,
        train: (objective, settings, hooks) =>
          trainAs("fuse", objective, data as LabeledData, settings, hooks),
      });
      return caller.fuse(name, inputs, input);
    },
    metrics: (values) => step.metrics(values, task.index),
  });

  const before = context(givens.memory);
  const trainTask = async (): Promise<TrainResult> => {
    const asked = (await learner.beforeTask?.(options, before)) ?? {};
    const { objective = before.objective(before.state.params), data = task.train } = asked;
    return trainAs(TASK, objective, data, asked.settings ?? training, asked.hooks);
  };
  const own = taskModels.at(-1);
  const trained = own === undefined ? await trainTask() : { params: own, history: [] };
  const remembered = await givens.remember(trained.params);
  const after: TrainedContext = { ...context(remembered), trained, taskModels };
  const state = (await learner.afterTask?.(options, after)) ?? { ...before.state, params: trained.params };
  checkState(learner, model, state);
  const memory = state.memory === undefined ? remembered : memoryOf(seen, state.memory);
  return { state, memory, steps };
}

function checkState(
  { name }: Pick<Learner, "name">,
  model: Model,
  { params, extra = {} }: LearnerState,
): void {
  checkParams(model, params, `what the learner "${name}" left`);
  const wrong = [["params", params] as const, ...Object.entries(extra)].find(([, each]) => !allFinite(each));
  if (wrong === undefined) return;
  throw new IsthmusError({
    code: "learner/not-finite",
    message: `The learner "${name}" left numbers that are not finite (in ${wrong[0]}).`,
    hint: "Lower the learning rate or the learner's penalties.",
  });
}
