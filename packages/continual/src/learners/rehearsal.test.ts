import {
  evaluate,
  type Learner,
  type LearnerContext,
  linearCombination,
  memoryOf,
  type Params,
  Rng,
  sameBits,
  type TaskTraining,
  tf,
  toTensors,
  useBackend,
} from "@isthmus/core";
import {
  derivativeError,
  describeLearner,
  learnToyStream,
  logitsOf,
  toyStream,
  wholeBatch,
} from "@isthmus/core/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { toyContext } from "../../test/toy-context.js";
import type { KeptImage } from "../memory/online-memory.js";
import { der } from "./der.js";
import { derpp } from "./derpp.js";
import { gdumb } from "./gdumb.js";
import { icarl } from "./icarl.js";
import { naive } from "./naive.js";
import { replay } from "./replay.js";

const short = {
  epochs: 12,
  batchSize: 5,
  optimizer: { kind: "sgd", learningRate: 0.1, momentum: 0.9 },
};

describeLearner(replay);
describeLearner(replay, { options: { minibatch: 5 } });
describeLearner(der, { options: { alpha: 0.1 } });
describeLearner(derpp, { options: { minibatch: 7, alpha: 0.1, beta: 0.5 } });
describeLearner(gdumb, { options: { training: short } });
// Five units that may die are few for a nearest mean.
describeLearner(icarl, { learns: 0.4 });

const RULE = { policy: "reservoir", size: 6 } as const;
const KEPT = [0, 3, 4, 7, 9, 12];
const CLASSES = 3;
/** Logits that were kept with them. */
const logits = Rng.seed(6).uniforms(KEPT.length * CLASSES, -2, 2);
const extra = { kept: new Map([["logits", { shape: [KEPT.length, CLASSES], data: logits }]]) };
const context = toyContext(KEPT, { memoryRule: RULE, extra });
const { model, task, memory, state } = context;

/** What a learner trains on a task. */
async function training<Options>(learner: Learner<Options>, input: object, given: LearnerContext) {
  const parsed = learner.options.safeParse(input);
  if (!parsed.success) throw new Error(JSON.stringify(parsed.error.issues));
  return (await learner.beforeTask?.(parsed.data, given)) as Required<TaskTraining>;
}

/** Loss of the first step on all images of the task, and its slope along its own gradient, with that gradient's length. */
async function firstStep(make: () => Promise<TaskTraining>, params = state.params) {
  const { objective } = (await make()) as Required<TaskTraining>;
  const weights = toTensors(new Map([...params, ...(objective.fixed ?? [])]));
  let found = { loss: 0, gradients: new Map() as Params };
  tf.tidy(() => {
    const { loss, gradients } = objective.lossAndGradients(weights, wholeBatch(task.train), Rng.seed(8));
    const values = [...gradients].map(
      ([name, gradient]) =>
        [name, { shape: gradient.shape, data: Float32Array.from(gradient.dataSync()) }] as const,
    );
    found = { loss: loss.dataSync()[0], gradients: new Map(values) };
  });
  for (const tensor of weights.values()) tensor.dispose();
  return found;
}

/** That a loss of the weights is what the learner descends: same value, and the slope that its gradient claims. */
async function expectLoss(make: () => Promise<TaskTraining>, loss: (params: Params) => Promise<number>) {
  const { loss: value, gradients } = await firstStep(make);
  expect(value).toBeCloseTo(await loss(state.params), 5);
  const norm = Math.hypot(...[...gradients.values()].flatMap(({ data }) => [...data]));
  const along = (x: number) => loss(linearCombination([1, x / norm], [state.params, gradients]));
  expect(await derivativeError(along, norm, 0.01 * norm)).toBeLessThan(0.01 * norm);
}

const crossEntropy = async (params: Params, data = task.train) => (await evaluate(model, params, data)).loss;

/** Mean over images and classes of the squared distance to the kept logits. */
async function squaredError(params: Params): Promise<number> {
  const now = await logitsOf(model, params, memory.data);
  return now.reduce((sum, value, i) => sum + (value - logits[i]) ** 2, 0) / now.length;
}

beforeAll(async () => {
  await useBackend("cpu");
});

describe("experience replay", () => {
  it("descends the mean cross-entropy of the batch and the minibatch together", async () => {
    const [b, m] = [task.train.count, KEPT.length];
    await expectLoss(
      () => training(replay, { minibatch: 50 }, context),
      async (params) =>
        (b * (await crossEntropy(params)) + m * (await crossEntropy(params, memory.data))) / (b + m),
    );
  });

  it("answers every image as its task is, where answers are masked", async () => {
    const given = toyContext(KEPT, { memoryRule: RULE, extra, masked: true });
    const [b, m] = [task.train.count, KEPT.length];
    const own = async (params: Params) => (await evaluate(given.model, params, task.train)).loss;
    const earlier = given.modelOf(given.seen[0]);
    const kept = async (params: Params) => (await evaluate(earlier, params, memory.data)).loss;
    await expectLoss(
      () => training(replay, { minibatch: 50 }, given),
      async (params) => (b * (await own(params)) + m * (await kept(params))) / (b + m),
    );
    await expectLoss(
      () => training(derpp, { minibatch: 50, alpha: 0.3, beta: 0.7 }, given),
      async (params) => (await own(params)) + 0.3 * (await squaredError(params)) + 0.7 * (await kept(params)),
    );
    for (const learner of [gdumb, icarl] as Learner<unknown>[]) {
      const { objective } = await training(learner, {}, given);
      const open = (await objective.evaluate?.(state.params, task.train))?.loss;
      expect(open).toBeCloseTo(await crossEntropy(state.params), 5);
    }
  });

  it("keeps as many images as it may, of all tasks, and those of the first epoch count again in the next", async () => {
    const learned = await learnToyStream(replay, { minibatch: "batch" }, { memoryRule: RULE });
    const counts = learned.map((each) => each.memory.data.count);
    expect(counts).toEqual([6, 6, 6]);
    const shown = toyStream().map(
      (_, t) =>
        3 *
        toyStream()
          .slice(0, t + 1)
          .reduce((sum, { train }) => sum + train.count, 0),
    );
    expect(learned.map(({ state: { details } }) => details?.shown)).toEqual(shown);
    expect(learned[2].state.extra).toBeUndefined();
  });

  it("forgets less than sequential fine-tuning", async () => {
    const first = toyStream()[0].test;
    const after = async (learned: Awaited<ReturnType<typeof learnToyStream>>) =>
      (await evaluate(model, learned[1].state.params, first)).accuracy;
    // The second task has class 0 of the first, and not class 1.
    expect(await after(await learnToyStream(naive, {}))).toBeLessThan(0.6);
    expect(await after(await learnToyStream(replay, { minibatch: "batch" }))).toBeGreaterThan(0.8);
  });
});

describe("dark experience replay", () => {
  it("descends cross-entropy and α times the mean squared error to kept logits", async () => {
    await expectLoss(
      () => training(der, { minibatch: 50, alpha: 0.3 }, context),
      async (params) => (await crossEntropy(params)) + 0.3 * (await squaredError(params)),
    );
  });

  it("with β adds β times the cross-entropy of the memory (DER++)", async () => {
    await expectLoss(
      () => training(derpp, { minibatch: 50, alpha: 0.3, beta: 0.7 }, context),
      async (params) =>
        (await crossEntropy(params)) +
        0.3 * (await squaredError(params)) +
        0.7 * (await crossEntropy(params, memory.data)),
    );
  });

  it("keeps logits as they were before the step in which an image came", async () => {
    const given = toyContext([], { memoryRule: { policy: "reservoir", size: 1000 } });
    const { objective, hooks } = await training(der, {}, given);
    const weights = toTensors(state.params);
    tf.tidy(() => void objective.lossAndGradients(weights, wholeBatch(task.train), Rng.seed(8)));
    for (const tensor of weights.values()) tensor.dispose();
    const { kept } = (hooks.notes as NonNullable<typeof hooks.notes>).save() as unknown as {
      kept: KeptImage[];
    };
    const now = await logitsOf(model, state.params, task.train);
    expect(kept).toHaveLength(task.train.count);
    kept.forEach((image, i) => {
      expect(image).toMatchObject({ task: 1, index: i, label: task.train.label(i) });
      image.logits?.forEach((value, c) => {
        expect(value).toBeCloseTo(now[i * CLASSES + c], 6);
      });
    });
  });

  it("counts the kept logits among what lasts, a row for each image", async () => {
    const [, , last] = await learnToyStream(der, { minibatch: 5, alpha: 0.5 }, { memoryRule: RULE });
    expect(last.state.extra?.kept.get("logits")?.shape).toEqual([6, CLASSES]);
  });
});

describe("GDumb", () => {
  it("trains fresh weights on nothing but its memory, which is balanced", async () => {
    const settings = gdumb.options.safeParse({ training: short });
    if (!settings.success) throw new Error("unreachable");
    const memoryRule = { policy: "balanced", size: 9 } as const;
    const learned = await learnToyStream(gdumb, settings.data, { memoryRule });
    const [, , last] = learned;
    const stream = toyStream();
    const labels = last.memory.indices.flatMap((own, t) => own.map((index) => stream[t].train.label(index)));
    expect([0, 1, 2].map((c) => labels.filter((label) => label === c).length)).toEqual([3, 3, 3]);
    expect(learned.map(({ steps }) => steps)).toEqual([24, 24, 24]);
    const all = memoryOf(stream, last.memory.indices).data;
    expect((await evaluate(model, last.state.params, all)).accuracy).toBe(1);
  });

  it("has the settings of the published code by default", () => {
    const parsed = gdumb.options.safeParse({});
    expect(parsed.success && parsed.data.training).toMatchObject({
      epochs: 256,
      batchSize: 16,
      optimizer: { learningRate: 0.05, momentum: 0.9, weightDecay: 1e-6 },
      schedule: { kind: "restarts", first: 1, factor: 2, end: 0.01, warmUp: 1 },
    });
  });
});

describe("iCaRL", () => {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

  /** Mean binary cross-entropy over images and the classes so far, by its definition. */
  async function oracle(params: Params): Promise<number> {
    const [now, before] = await Promise.all(
      [params, state.params].map((weights) => logitsOf(model, weights, task.train)),
    );
    const earlier = [1]; // The first task has classes 0 and 1, this one 0 and 2.
    let sum = 0;
    for (let i = 0; i < task.train.count; i++)
      for (let c = 0; c < CLASSES; c++) {
        const target = earlier.includes(c)
          ? sigmoid(before[i * CLASSES + c])
          : Number(task.train.label(i) === c);
        const answer = sigmoid(now[i * CLASSES + c]);
        sum -= target * Math.log(answer) + (1 - target) * Math.log(1 - answer);
      }
    return sum / (task.train.count * CLASSES);
  }

  it("descends binary cross-entropies: to labels for the task's classes, to the network before it for earlier ones", async () => {
    await expectLoss(() => training(icarl, {}, context), oracle);
  });

  it("leaves the answers of classes to come out of the loss", async () => {
    const first = { ...context, task: context.seen[0], seen: context.seen.slice(0, 1) };
    const { gradients } = await firstStep(() => training(icarl, {}, first));
    const bias = gradients.get("bias2")?.data as Float32Array;
    expect(bias[2]).toBe(0);
    expect(bias[0]).not.toBe(0);
  });

  it("trains on the task's images and those of the memory", async () => {
    const { data } = await training(icarl, {}, context);
    expect(data.count).toBe(task.train.count + KEPT.length);
  });

  it("answers with the class whose kept images have the nearest mean features", async () => {
    const [, second] = await learnToyStream(icarl, {}, { memory: 6 });
    const answers = icarl.readout?.({}, model, second.state) as typeof model;
    const hidden = async (data = task.test): Promise<number[][]> => {
      const weights = toTensors(second.state.params);
      const { images } = data.batch(Array.from({ length: data.count }, (_, i) => i));
      const rows = tf.tidy(() => {
        let seen: tf.Tensor | undefined;
        const activation = (group: string, stage: string, value: tf.Tensor) => {
          if (group === "units1" && stage === "post") seen = value;
        };
        model.apply(weights, tf.tensor(images, [data.count, 6, 6, 1]), {
          training: false,
          tap: { activation },
        });
        return seen?.arraySync() as number[][];
      });
      for (const tensor of weights.values()) tensor.dispose();
      return rows;
    };
    const unit = (row: readonly number[]) => row.map((x) => x / Math.max(Math.hypot(...row), 1e-12));
    const kept = (await hidden(second.memory.data)).map(unit);
    const means = [0, 1, 2].map((c) => {
      const own = kept.filter((_, i) => second.memory.data.label(i) === c);
      return unit(own.reduce((sum, row) => sum.map((x, d) => x + row[d])));
    });
    const values = await logitsOf(answers, second.state.params, task.test);
    (await hidden()).map(unit).forEach((row, i) => {
      means.forEach((mean, c) => {
        const distance = row.reduce((sum, x, d) => sum + (x - mean[d]) ** 2, 0);
        expect(values[i * CLASSES + c]).toBeCloseTo(-distance, 4);
      });
    });
    const [one] = await learnToyStream(icarl, {}, { memory: 6 });
    const early = icarl.readout?.({}, model, one.state) as typeof model;
    const unknown = await logitsOf(early, one.state.params, task.test);
    expect(unknown[2]).toBeLessThan(-1e8);
  });
});

it("replay and dark experience replay keep the same images of one seed", async () => {
  const memories = await Promise.all([
    learnToyStream(replay, { minibatch: 5 }, { memoryRule: RULE }),
    learnToyStream(der, { minibatch: 5, alpha: 0.5 }, { memoryRule: RULE }),
  ]);
  const [a, b] = memories.map((learned) => learned[2]);
  expect(a.memory.indices).toEqual(b.memory.indices);
  expect(sameBits(a.state.params, b.state.params)).toBe(false);
});
