import { describe, expect, it } from "vitest";
import { z } from "zod";
import { defineFusion } from "../../contracts/fusion.js";
import { defineLearner, type LearnerContext, type TrainedContext } from "../../contracts/learner.js";
import type { Params } from "../../contracts/params.js";
import { describeLearner } from "../../testing/describe-learner.js";
import { learnToyStream, toyStream } from "../../testing/toy-stream.js";
import { tf } from "../engine/tf.js";
import { linearCombination, sameBits } from "../params.js";

const described = (name: string) => ({ name, title: name, description: `For tests: ${name}.` });
const none = z.strictObject({});

/** Learns each task from the weights so far. */
const plain = defineLearner({ ...described("plain"), options: none });

/** Uses everything that a learner may use: hooks that remember, memory, another training, a fusion that trains, numbers that last. */
const busy = defineLearner({
  ...described("busy"),
  options: z.strictObject({ epochs: z.number().default(2) }),
  needs: () => ({ memory: true, fusions: [{ method: "tuned", options: {}, at: [] }] }),
  beforeTask(_options, { state, objective }) {
    const count = { shape: [], data: Float32Array.of(0) };
    return {
      objective: objective(state.params),
      hooks: {
        memory: new Map([["count", count]]),
        afterUpdate: ({ memory }) => new Map([["count", tf.add(memory.get("count") as tf.Tensor, 1)]]),
      },
    };
  },
  async afterTask({ epochs }, { trained, state, memory, training, model, train, fuse, objective, rng }) {
    const settings = { ...training, epochs };
    const tuned = await train("tune", objective(trained.params), { data: memory.data, settings });
    const inputs = [tuned.params, state.params].map((params) => ({ model, params, weight: 0.5 }));
    const { params } = await fuse("tuned", inputs, {}, memory.data);
    return {
      params,
      extra: { ...state.extra, counts: trained.memory as Params },
      details: { draw: rng.uniform(), kept: memory.data.count },
    };
  },
});

const tuned = defineFusion({
  meta: { ...described("tuned"), needs: ["data", "training", "base"], laws: { identity: "none" } },
  options: none,
  async fuse(inputs, _options, context) {
    const [{ model }] = inputs;
    const initial = linearCombination(
      inputs.map(({ weight }) => weight),
      inputs.map(({ params }) => params),
    );
    const { classification } = await import("../training/classification.js");
    const { trainSettings } = await import("../training/settings.js");
    const settings = { epochs: 2, batchSize: 9, optimizer: { kind: "sgd", learningRate: 0.05 } } as const;
    const { params } = await context.train(classification(model, initial), trainSettings.parse(settings));
    return { model, params };
  },
});

/** Takes what θ₀ became on each task by itself. */
const collector = defineLearner({
  ...described("collector"),
  options: none,
  needs: () => ({ taskModels: true }),
  afterTask: (_options, { trained, taskModels }) => ({
    params: trained.params,
    details: { models: taskModels.length, own: sameBits(taskModels.at(-1) as Params, trained.params) },
  }),
});

describeLearner(plain);
describeLearner(busy, { fusions: [tuned] });
describeLearner(collector);

describe("learning the tasks of a stream", () => {
  it("shows a learner the tasks so far, what it left before, and its memory before and after", async () => {
    const seen: (readonly unknown[])[] = [];
    const look = ({ task, seen: tasks, memory, state }: LearnerContext | TrainedContext) =>
      void seen.push([
        task.index,
        tasks.length,
        memory.indices.length,
        memory.data.count,
        state.details ?? {},
      ]);
    const watcher = defineLearner({
      ...described("watcher"),
      options: none,
      needs: () => ({ memory: true }),
      beforeTask(_options, context) {
        look(context);
        return {};
      },
      afterTask(_options, context) {
        look(context);
        return { params: context.trained.params, details: { task: context.task.index } };
      },
    });
    await learnToyStream(watcher, {}, { memory: 4 });
    expect(seen).toEqual([
      [0, 1, 0, 0, {}],
      [0, 1, 1, 4, {}],
      [1, 2, 1, 4, { task: 0 }],
      [1, 2, 2, 8, { task: 0 }],
      [2, 3, 2, 8, { task: 1 }],
      [2, 3, 3, 12, { task: 1 }],
    ]);
  });

  it("leaves the memory to a learner that fills it itself, and gives back what it kept", async () => {
    const seen: unknown[] = [];
    const picky = defineLearner({
      ...described("picky"),
      options: none,
      needs: () => ({ memory: "online" }),
      beforeTask(_options, { memory, memoryRule, state }) {
        seen.push([memory.indices, memoryRule, state.memory]);
        return {};
      },
      afterTask: (_options, { trained, memory, task }) => ({
        params: trained.params,
        memory: [...memory.indices, [5, task.index]],
      }),
    });
    const memoryRule = { policy: "balanced", size: 4 } as const;
    const learned = await learnToyStream(picky, {}, { memoryRule });
    expect(seen).toEqual([
      [[], memoryRule, undefined],
      [[[5, 0]], memoryRule, undefined],
      [
        [
          [5, 0],
          [5, 1],
        ],
        memoryRule,
        undefined,
      ],
    ]);
    const { memory } = learned[2] as (typeof learned)[number];
    expect(memory.indices).toEqual([
      [5, 0],
      [5, 1],
      [5, 2],
    ]);
    const labels = toyStream().flatMap(({ train }, t) => [train.label(5), train.label(t)]);
    expect([0, 1, 2, 3, 4, 5].map((i) => memory.data.label(i))).toEqual(labels);
  });

  it("counts the updates of every training, and keeps what hooks remembered of the task's own", async () => {
    const learned = await learnToyStream(busy, { epochs: 2 }, { fusions: [tuned] });
    const task = 3 * Math.ceil((toyStream()[2]?.train.count as number) / 16);
    expect(learned[2]?.steps).toBe(task + 2 * Math.ceil(27 / 16) + 2 * 3);
    expect(learned[2]?.state.extra?.counts?.get("count")?.data[0]).toBe(task);
  });

  it("gives task models where they are asked for, and then trains nothing itself", async () => {
    const learned = await learnToyStream(collector, {});
    expect(learned.map(({ state }) => state.details)).toEqual(
      [1, 2, 3].map((models) => ({ models, own: true })),
    );
    expect(learned.map(({ steps }) => steps)).toEqual([0, 0, 0]);
  });

  it("keeps what a learner without afterTask left before, and refuses what is not finite", async () => {
    const broken = defineLearner({
      ...described("broken"),
      options: none,
      afterTask: (_options, { trained }) => ({
        params: trained.params,
        extra: { odd: new Map([["x", { shape: [1], data: Float32Array.of(Number.NaN) }]]) },
      }),
    });
    await expect(learnToyStream(broken, {})).rejects.toMatchObject({ code: "learner/not-finite" });
    const foreign = defineLearner({
      ...described("foreign"),
      options: none,
      afterTask: () => ({ params: new Map() }),
    });
    await expect(learnToyStream(foreign, {})).rejects.toMatchObject({ code: "params/mismatch" });
  });
});
