import { beforeAll, describe, expect, it } from "vitest";
import type { ArrayValue, Params } from "../../contracts/params.js";
import type { Objective, TrainHooks, TrainState } from "../../contracts/training.js";
import { toyData, toyInputs } from "../../testing/fixtures.js";
import { leakedTensors } from "../../testing/measure.js";
import { useBackend } from "../engine/engine.js";
import { tf } from "../engine/tf.js";
import { evaluate } from "../evaluate.js";
import { sameBits } from "../params.js";
import { Rng } from "../rng.js";
import { classification } from "./classification.js";
import { type TrainSettingsInput, trainSettings } from "./settings.js";
import { type TrainContext, train } from "./train.js";

const [{ model, params: start }] = toyInputs(1);
const data = toyData(0, 200);
const sgd = { kind: "sgd", learningRate: 0.05, momentum: 0.9, weightDecay: 1e-3 } as const;
const adam = { kind: "adam", learningRate: 0.01 } as const;

const run = (settings: Partial<TrainSettingsInput> = {}, context: Partial<TrainContext> = {}) =>
  train(
    classification(model, start),
    data,
    trainSettings.parse({
      epochs: 4,
      batchSize: 32,
      optimizer: sgd,
      augmentation: { flip: true },
      ...settings,
    }),
    { rng: Rng.seed(1), ...context },
  );

describe.each(["wasm", "cpu"])("training on %s", (backend) => {
  beforeAll(async () => {
    await useBackend(backend);
  });

  it("learns", async () => {
    const { params, history } = await run({ augmentation: { flip: false }, epochs: 15 });
    expect((await evaluate(model, params, toyData(1, 200))).accuracy).toBeGreaterThan(0.95);
    expect(history).toHaveLength(15);
    expect(history[14].loss).toBeLessThan(history[0].loss);
  });

  it("gives the same bits for the same seed whatever ran before, and others for another seed", async () => {
    const once = await run();
    await run({ optimizer: adam, epochs: 1 });
    expect(sameBits((await run()).params, once.params)).toBe(true);
    expect(sameBits((await run({}, { rng: Rng.seed(2) })).params, once.params)).toBe(false);
  });

  it.each([
    ["sgd", { optimizer: sgd }],
    ["adam", { optimizer: adam }],
    ["reset and validation", { resetOptimizer: true, validationShare: 0.2 }],
  ])("resumes after any epoch to the same bits (%s)", async (_, settings) => {
    const states: TrainState[] = [];
    const whole = await run(settings, { save: async (state) => void states.push(state) });
    expect(states.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    for (const resume of states) {
      const rest = await run(settings, { resume });
      expect(sameBits(rest.params, whole.params)).toBe(true);
      expect(rest.history).toEqual(whole.history);
      expect(rest.best?.epoch).toBe(whole.best?.epoch);
    }
  });

  it("leaves no tensor behind: finished, stopped in the middle, or failed", async () => {
    await run({ epochs: 1 });
    expect(await leakedTensors(() => run({ validationShare: 0.1 }))).toBe(0);
    const controller = new AbortController();
    const progress = (done: number) => void (done > 250 && controller.abort());
    const stopped = () =>
      expect(run({}, { signal: controller.signal, progress })).rejects.toMatchObject({ code: "run/aborted" });
    expect(await leakedTensors(async () => stopped())).toBe(0);
    const diverging = { optimizer: { kind: "sgd", learningRate: 1e20 } } as const;
    const failed = () => expect(run(diverging)).rejects.toMatchObject({ code: "train/diverged" });
    expect(await leakedTensors(async () => failed())).toBe(0);
  });
});

describe("training", () => {
  beforeAll(async () => {
    await useBackend("wasm");
  });

  it("logs loss and learning rate of every epoch, and validation where asked for", async () => {
    const logged: [number, Readonly<Record<string, number>>][] = [];
    const metrics = (values: Readonly<Record<string, number>>, step: number) =>
      void logged.push([step, values]);
    const { history, best } = await run({ validationShare: 0.25, schedule: { kind: "decay" } }, { metrics });
    expect(logged.map(([step]) => step)).toEqual([1, 2, 3, 4]);
    expect(logged.map(([, values]) => values["train/learning_rate"])).toEqual([
      0.05,
      0.05,
      0.05,
      expect.closeTo(0.05 * (1 - (0.99 * 0.25) / 0.4), 10),
    ]);
    const accuracies = history.map(({ validation }) => validation?.accuracy as number);
    expect(logged.map(([, values]) => values["val/accuracy"])).toEqual(accuracies);
    expect(best?.epoch).toBe(1 + accuracies.indexOf(Math.max(...accuracies)));
  });

  it("keeps momentum from epoch to epoch unless told to reset it", async () => {
    const [kept, reset] = [await run(), await run({ resetOptimizer: true })];
    expect(sameBits(kept.params, reset.params)).toBe(false);
    const plain = { optimizer: { ...sgd, momentum: 0 } };
    expect(sameBits((await run(plain)).params, (await run({ ...plain, resetOptimizer: true })).params)).toBe(
      true,
    );
  });

  it("one full batch of plain descent is θ - η ∇L, the loss being the mean over all images", async () => {
    const whole = {
      epochs: 1,
      batchSize: 1000,
      optimizer: { kind: "sgd", learningRate: 0.1 },
      augmentation: { flip: false },
    } as const;
    const { params } = await run(whole);
    // First-order check: the loss falls by about η ‖∇L‖², and ‖Δθ‖² = η² ‖∇L‖².
    let squared = 0;
    for (const [name, { data: after }] of params) {
      const before = start.get(name)?.data as Float32Array;
      after.forEach((value, i) => {
        squared += (value - before[i]) ** 2;
      });
    }
    const fall = (await evaluate(model, start, data)).loss - (await evaluate(model, params, data)).loss;
    expect(fall / (squared / 0.1)).toBeGreaterThan(0.85);
    expect(fall / (squared / 0.1)).toBeLessThan(1.05);
  });

  it("lets timers fire while it computes", async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 20);
    await run({ epochs: 150, batchSize: 8 });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(0);
  });

  it("descends the gradients that a hook returns and shows it the update", async () => {
    const seen: number[] = [];
    const { params } = await run(
      { epochs: 1, optimizer: { kind: "sgd", learningRate: 0.1 } },
      {
        hooks: {
          beforeUpdate: ({ gradients }) => new Map([...gradients].filter(([name]) => name === "bias2")),
          afterUpdate: ({ before, after }) => {
            const change = tf.sub(after.get("bias2") as tf.Tensor, before.get("bias2") as tf.Tensor);
            seen.push(tf.sum(tf.abs(change)).dataSync()[0]);
          },
        },
      },
    );
    expect(seen).toHaveLength(Math.ceil(200 / 32));
    expect(seen.every((change) => change > 0)).toBe(true);
    for (const [name, value] of params) {
      expect(sameBits(new Map([[name, value]]), new Map([[name, start.get(name) as typeof value]]))).toBe(
        name !== "bias2",
      );
    }
  });

  it("assigns updates of buffers and never decays them", async () => {
    const base = classification(model, start);
    const counted = {
      ...base,
      initial: new Map([...start, ["count", { shape: [], data: Float32Array.of(5) }]]),
      lossAndGradients: (...step: Parameters<typeof base.lossAndGradients>) => ({
        ...base.lossAndGradients(...step),
        updates: new Map([["count", tf.add(step[0].get("count") as tf.Tensor, 1)]]),
      }),
    };
    const settings = trainSettings.parse({
      epochs: 2,
      batchSize: 50,
      optimizer: { ...sgd, weightDecay: 0.5 },
    });
    const { params } = await train(counted, data, settings, { rng: Rng.seed(0) });
    expect(params.get("count")?.data[0]).toBe(5 + 8);
  });

  it("refuses a validation share that leaves nothing, or that the objective can't use, and empty data", async () => {
    await expect(run({ validationShare: 0.001 })).rejects.toMatchObject({ code: "train/no-validation" });
    const { evaluate: _, ...blind } = classification(model, start);
    const settings = trainSettings.parse({ epochs: 1, optimizer: sgd, validationShare: 0.1 });
    await expect(train(blind, data, settings, { rng: Rng.seed(0) })).rejects.toMatchObject({
      code: "train/no-validation",
    });
    const plain = trainSettings.parse({ epochs: 1, optimizer: sgd });
    await expect(train(blind, data.subset([]), plain, { rng: Rng.seed(0) })).rejects.toMatchObject({
      code: "train/no-data",
    });
  });

  it("gives hooks their memory back after any epoch, and with the result", async () => {
    const zeros = new Map([["way", { shape: [3], data: new Float32Array(3) }]]);
    const hooked = async (resume?: TrainState, save?: TrainContext["save"]) => {
      let calls = 0;
      const hooks: TrainHooks = {
        memory: zeros,
        notes: {
          save: () => calls,
          restore: (notes) => {
            calls = notes as number;
          },
        },
        // A gradient that depends on what is remembered: forgetting would change the weights.
        beforeUpdate: ({ gradients, memory }) =>
          new Map(gradients).set("bias2", tf.add(memory.get("way") as tf.Tensor, calls)),
        afterUpdate: ({ before, after, memory }) => {
          calls++;
          const change = tf.sub(after.get("bias2") as tf.Tensor, before.get("bias2") as tf.Tensor);
          return new Map([["way", tf.add(memory.get("way") as tf.Tensor, tf.mul(0.01, tf.abs(change)))]]);
        },
      };
      const result = await run({}, { hooks, resume, save });
      return { ...result, calls };
    };
    const states: TrainState[] = [];
    const whole = await hooked(undefined, async (state) => void states.push(state));
    expect(whole.calls).toBe(4 * Math.ceil(200 / 32));
    expect(whole.memory?.get("way")?.data.every((way) => way > 0)).toBe(true);
    expect(whole.notes).toBe(whole.calls);
    for (const resume of states) {
      const rest = await hooked(resume);
      expect(sameBits(rest.params, whole.params)).toBe(true);
      expect(sameBits(rest.memory as Params, whole.memory as Params)).toBe(true);
      expect([rest.calls, rest.notes]).toEqual([whole.calls, whole.calls]);
    }
    await hooked();
    expect(await leakedTensors(() => hooked())).toBe(0);
    expect(zeros.get("way")?.data).toEqual(new Float32Array(3));
  });

  it("lets an objective read what nobody trains", async () => {
    const base = classification(model, start);
    const pull: Objective = {
      ...base,
      stack: undefined,
      fixed: new Map([["anchor", start.get("bias2") as ArrayValue]]),
      lossAndGradients(trainable, batch, rng) {
        const { loss } = base.lossAndGradients(trainable, batch, rng);
        const distance = tf.sub(trainable.get("bias2") as tf.Tensor, trainable.get("anchor") as tf.Tensor);
        return { loss, gradients: new Map([["bias2", tf.add(distance, 1)]]) };
      },
    };
    const settings = trainSettings.parse({
      epochs: 2,
      batchSize: 200,
      optimizer: { kind: "sgd", learningRate: 0.5 },
    });
    const { params } = await train(pull, data, settings, { rng: Rng.seed(0) });
    expect([...params.keys()]).toEqual([...start.keys()]);
    // From b: b - .5 · 1, then b - .5 - .5 · (-.5 + 1).
    params.get("bias2")?.data.forEach((value, i) => {
      expect(value).toBeCloseTo((start.get("bias2")?.data[i] as number) - 0.75, 6);
    });
    const leaked = await leakedTensors(() => train(pull, data, settings, { rng: Rng.seed(0) }));
    expect(leaked).toBe(0);
  });

  it("that has ended and saved its end gives its result again without a step", async () => {
    const states: TrainState[] = [];
    const validated = { validationShare: 0.2 };
    const whole = await run(validated, { save: async (state) => void states.push(state), saveEnd: true });
    expect(states).toHaveLength(4);
    let steps = 0;
    const progress = () => void steps++;
    const again = await run(validated, { resume: states[3], progress });
    expect(steps).toBe(0);
    expect(again.history).toEqual(whole.history);
    expect(sameBits(again.params, whole.params)).toBe(true);
    expect(again.best?.epoch).toBe(whole.best?.epoch);
  });
});
