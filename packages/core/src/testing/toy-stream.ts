import type { FusionMethod } from "../contracts/fusion.js";
import type { LabeledData } from "../contracts/labeled-data.js";
import type { Learner, LearnerState, MemoryRule, TaskMemory } from "../contracts/learner.js";
import type { Model } from "../contracts/model.js";
import type { Params } from "../contracts/params.js";
import type { Task } from "../contracts/scenario.js";
import type { StepContext } from "../contracts/step.js";
import type { TrainState } from "../contracts/training.js";
import { IsthmusError } from "../errors/isthmus-error.js";
import { type LearnedTask, learnTask } from "../numerics/learning/learn-task.js";
import { memoryOf } from "../numerics/learning/memory-of.js";
import { maskLogits } from "../numerics/mask-logits.js";
import { initialize } from "../numerics/params.js";
import { Rng } from "../numerics/rng.js";
import { classification } from "../numerics/training/classification.js";
import { type TrainSettings, trainSettings } from "../numerics/training/settings.js";
import { train } from "../numerics/training/train.js";
import { toyData, toyModel } from "./fixtures.js";

function task(index: number, classes: readonly number[], train: LabeledData, test: LabeledData): Task {
  const own = (data: LabeledData) =>
    data.subset(
      Array.from({ length: data.count }, (_, i) => i).filter((i) => classes.includes(data.label(i))),
    );
  return { index, name: classes.join(", "), classes, train: own(train), test: own(test) };
}

/** Three tasks of toy images: left or middle, right or left, middle or right. */
export function toyStream(seed = 0): readonly Task[] {
  return [
    [0, 1],
    [0, 2],
    [1, 2],
  ].map((classes, index) => task(index, classes, toyData(seed + 10 * index), toyData(seed + 10 * index + 1)));
}

/** How {@link learnToyStream} learns. */
export interface ToyLearning {
  readonly seed?: number;
  /** What learns; the toy network by default. */
  readonly model?: Model;
  readonly signal?: AbortSignal;
  /** Methods that the learner may call. */
  readonly fusions?: readonly FusionMethod[];
  readonly training?: TrainSettings;
  /** True where answers on a task are masked to its own classes. */
  readonly masked?: boolean;
  /** Images kept of each task; 9 by default. */
  readonly memory?: number;
  /** Rule for a learner that fills its memory itself; a reservoir of 20 images by default. */
  readonly memoryRule?: MemoryRule;
  /** Gets every saved state; throwing in it is a crash. */
  readonly save?: (state: TrainState, training: string) => void;
  /** States to resume from, by task and training. */
  readonly resume?: ReadonlyMap<string, TrainState>;
}

const toySettings = trainSettings.parse({
  epochs: 3,
  batchSize: 16,
  optimizer: { kind: "sgd", learningRate: 0.1, momentum: 0.9 },
});

/** The first images of each task before the task `end`, those of its classes in turn. */
function toyMemory(seen: readonly Task[], end: number, size: number): TaskMemory {
  const firsts = ({ train }: Task) => Array.from({ length: Math.min(size, train.count) }, (_, i) => i);
  return memoryOf(seen, seen.slice(0, end).map(firsts));
}

/** What a learner has become after each task of the toy stream; of one that learns once, after all of them. */
export async function learnToyStream<Options>(
  learner: Learner<Options>,
  options: Options,
  {
    seed = 0,
    model = toyModel(),
    signal,
    fusions = [],
    training = toySettings,
    masked = false,
    memory = 9,
    memoryRule = { policy: "reservoir", size: 20 },
    save,
    resume,
  }: ToyLearning = {},
): Promise<readonly LearnedTask[]> {
  const root = Rng.seed(seed);
  const initial = initialize(model, root.fork("init"));
  const modelOf = ({ classes }: Task) => (masked ? maskLogits(model, classes) : model);
  const stream = toyStream();
  const needs = learner.needs?.(options) ?? {};
  const contextOf = (
    index: number,
  ): Pick<StepContext, "signal" | "progress" | "metrics" | "resolve" | "state"> => ({
    signal: signal ?? new AbortController().signal,
    progress: () => {},
    metrics: () => {},
    resolve: async (_kind, name) => {
      const method = fusions.find(({ meta }) => meta.name === name);
      if (method !== undefined) return method as never;
      throw new IsthmusError({ code: "plugin/unknown-name", message: `The toys have no "${name}".` });
    },
    state: {
      load: async (name = "") => resume?.get(`${index}/${name}`),
      save: async (state, name = "") => save?.(state, `${index}/${name}`),
    },
  });
  const fineTuned = async (each: Task): Promise<Params> => {
    const rng = root.fork(`model/${each.index}`);
    return (await train(classification(model, initial), each.train, training, { rng, signal })).params;
  };
  const learned: LearnedTask[] = [];
  const taskModels: Params[] = [];
  let state: LearnerState | undefined;
  for (const each of learner.once === true ? stream.slice(-1) : stream) {
    const seen = stream.slice(0, each.index + 1);
    if (needs.taskModels === true) taskModels.push(await fineTuned(each));
    const chosen = (end: number) => toyMemory(seen, needs.memory === true ? end : 0, memory);
    const online = needs.memory === "online";
    const kept = online ? memoryOf(seen, learned.at(-1)?.memory.indices ?? []) : chosen(each.index);
    const given = {
      model: modelOf(each),
      modelOf,
      initial,
      state,
      seen,
      memory: kept,
      ...(online ? { memoryRule } : {}),
      remember: async () => (online ? kept : chosen(seen.length)),
      taskModels: [...taskModels],
      training,
      rng: root.fork(`task/${each.index}`),
      uses: fusions.map(({ meta }) => meta.name),
    };
    const result = await learnTask(learner, options, given, contextOf(each.index));
    learned.push(result);
    const { memory: _, ...lasting } = result.state;
    state = lasting;
  }
  return learned;
}
