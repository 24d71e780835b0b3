import type { Rng } from "../numerics/rng.js";
import type { Afterwards } from "../numerics/statistics/finish-fusion.js";
import type { TrainSettings } from "../numerics/training/settings.js";
import type { FusionInput, FusionResult } from "./fusion.js";
import type { JsonObject } from "./json.js";
import type { LabeledData } from "./labeled-data.js";
import type { Model } from "./model.js";
import { type OptionsSchema, optionsSchema, type Schema } from "./options.js";
import type { Params } from "./params.js";
import type { Progress } from "./ports.js";
import type { Task } from "./scenario.js";
import type { Objective, TrainHooks, TrainResult } from "./training.js";

/** Options per learner name; plugins add theirs by declaration merging. */
// biome-ignore lint/suspicious/noEmptyInterface: filled by plugins through declaration merging
export interface LearnerOptions {}

/** All that a learner takes from one task to the next. It is stored after every task, so that a run goes on from there. */
export interface LearnerState {
  /** The network as it would be used now. */
  readonly params: Params;
  /** Further numbers, by name: importances, anchors, logits that were kept. */
  readonly extra?: Readonly<Record<string, Params>>;
  /** Anything else, as JSON. */
  readonly details?: JsonObject;
  /**
   * Of a learner that fills its memory itself: for each task so far, which of its training images it keeps. It gets them back in
   * {@link LearnerContext.memory}, not here.
   */
  readonly memory?: readonly (readonly number[])[];
}

/** Images of tasks seen so far that may be trained on again. */
export interface TaskMemory {
  /** For each task so far, which of its training images are kept. */
  readonly indices: readonly (readonly number[])[];
  /** The images, task after task, in the order of `indices`. */
  readonly data: LabeledData;
}

/** What a learner is to keep that fills its memory while it trains. */
export interface MemoryRule {
  /** `reservoir`: a uniform sample of all images shown; `balanced`: as many of each class. */
  readonly policy: "reservoir" | "balanced";
  /** Number of images of all tasks together. */
  readonly size: number;
}

/** What is trained on a task; whatever is left out is what learning this task alone, from the weights so far, would be. */
export interface TaskTraining {
  /** By default `context.objective(context.state.params)`. */
  readonly objective?: Objective;
  /** By default `task.train`. */
  readonly data?: LabeledData;
  /** By default `context.training`. */
  readonly settings?: TrainSettings;
  /** Places before and after every update. */
  readonly hooks?: TrainHooks;
}

/** What a learner may use while a task is learned. */
export interface LearnerContext {
  /** The network; its answers are masked where the recipe asks for it. */
  readonly model: Model;
  /** The network as it answers on a task so far: `model`, but where the recipe masks all answers but the task's, with those of that task. */
  modelOf(task: Task): Model;
  /** θ₀, with which learning began; the same for all learners of a seed. */
  readonly initial: Params;
  /** What the learner left after the task before; at first θ₀ and nothing else. */
  readonly state: LearnerState;
  readonly task: Task;
  /** The tasks up to this one, which is the last. */
  readonly seen: readonly Task[];
  /**
   * Before the task: images of the tasks before it. After it: with those that are kept of this one. The same for all learners of a
   * seed, but for those that fill theirs themselves: they have what they kept of the tasks before, also after the task.
   */
  readonly memory: TaskMemory;
  /** Where the learner fills its memory itself: the recipe's rule for it. */
  readonly memoryRule?: MemoryRule;
  /** The recipe's settings for training on a task. */
  readonly training: TrainSettings;
  /** This learner's own stream for this task. */
  readonly rng: Rng;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Classifying with `model`, starting from these weights. */
  objective(params: Params): Objective;
  /**
   * Trains besides the training of the task, and resumes after a crash. `name` tells this training from the learner's others of
   * the same task; its numbers are recorded as `<name>/train/loss`.
   */
  train(
    name: string,
    objective: Objective,
    training: Required<Pick<TaskTraining, "data" | "settings">> & Pick<TaskTraining, "hooks">,
  ): Promise<TrainResult>;
  /**
   * Fuses with a registered method, one that `requires` names; at most once per task. The method's common ancestor is θ₀.
   *
   * @param data its joint data, where it needs some
   */
  fuse(
    method: string,
    inputs: readonly FusionInput[],
    options: JsonObject,
    data?: LabeledData,
  ): Promise<FusionResult>;
  /** Records numbers of this task. */
  metrics(values: Readonly<Record<string, number>>): void;
}

/** What there is once the task has been trained. */
export interface TrainedContext extends LearnerContext {
  /** What training on the task gave. Where the learner asked for task models, it is that of this task. */
  readonly trained: TrainResult;
  /** Where the learner asked for them: θ₀ fine-tuned on each task so far by itself. */
  readonly taskModels: readonly Params[];
}

/** A fusion method that a learner calls. */
export interface FusionUse {
  readonly method: string;
  readonly options: JsonObject;
  /** Where the keys `method` and `options` stand among the learner's own options, for messages. */
  readonly at: readonly PropertyKey[];
  /** What the learner does with the fused network, on the same joint data; nothing by default. */
  readonly afterwards?: Afterwards;
  /** True where the joint data, if any are needed, are the memory's images. */
  readonly memory?: boolean;
}

/** What a learner has to be given. */
export interface LearnerNeeds {
  /**
   * Images of earlier tasks: then the recipe must say how many are kept. True where they are chosen for it after each task,
   * `online` where it chooses itself, image by image, and leaves the choice in {@link LearnerState.memory}.
   */
  readonly memory?: boolean | "online";
  /** True where it does no training of its own on a task but takes θ₀ fine-tuned on that task: computed once for all learners. */
  readonly taskModels?: boolean;
  readonly fusions?: readonly FusionUse[];
}

/**
 * A way to learn tasks one after another. It is two hooks around the training of a task, and whatever it puts into that training
 * ({@link TaskTraining}: the objective, the data, hooks around each update). All that lasts is in its {@link LearnerState}.
 *
 * @example
 * // Sequential fine-tuning with a pull towards the weights after the task before.
 * export const tether = defineLearner({
 *   name: "tether", title: "Tether", description: "Stays close to what was learned before.",
 *   options: z.strictObject({ strength: z.number().default(1) }),
 *   beforeTask: ({ strength }, { state, objective }) => ({ objective: pulled(objective(state.params), state.params, strength) }),
 * });
 */
export interface Learner<Options = unknown> {
  readonly name: string;
  readonly title: string;
  /** One sentence. */
  readonly description: string;
  readonly paper?: { readonly title: string; readonly url: string };
  readonly options: OptionsSchema<Options>;
  /** True where it learns all tasks together, once: an upper bound. Then `task` is the last one. */
  readonly once?: boolean;
  /** Told before anything is computed; nothing by default. */
  needs?(options: Options): LearnerNeeds;
  /** Before a task: what to train. Not called where task models are asked for. */
  beforeTask?(options: Options, context: LearnerContext): TaskTraining | Promise<TaskTraining>;
  /** After a task: what is left of it. By default the trained weights, and what was left before. */
  afterTask?(options: Options, context: TrainedContext): LearnerState | Promise<LearnerState>;
  /** The network whose logits are the learner's answers, where they are not simply the network's own: a nearest-mean classifier. */
  readout?(options: Options, model: Model, state: LearnerState): Model;
}

/** Types a learner and attaches its options' JSON schema. */
export function defineLearner<Options>(
  learner: Omit<Learner<Options>, "options"> & { readonly options: Schema<Options> },
): Learner<Options> {
  return { ...learner, options: optionsSchema(learner.options) };
}
