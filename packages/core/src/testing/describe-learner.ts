import { beforeAll, describe, expect, it } from "vitest";
import type { FusionMethod } from "../contracts/fusion.js";
import type { Learner, LearnerState } from "../contracts/learner.js";
import type { TrainState } from "../contracts/training.js";
import { isIsthmusError } from "../errors/isthmus-error.js";
import { evaluate } from "../numerics/evaluate.js";
import type { LearnedTask } from "../numerics/learning/learn-task.js";
import { sameBits } from "../numerics/params.js";
import { toyModel } from "./fixtures.js";
import { leakedTensors } from "./measure.js";
import { learnToyStream, toyStream } from "./toy-stream.js";

/** How a learner is to be tried. */
export interface DescribeLearnerOptions {
  /** Options as a recipe would give them; `{}` by default. Keep training short. */
  readonly options?: unknown;
  /** Fusion methods that it calls. */
  readonly fusions?: readonly FusionMethod[];
  /** Least accuracy on the test images of the last task, when it has just been learned; .8 by default (guessing gives 1/3). */
  readonly learns?: number;
}

/** True where two states are the same to the bit. */
function sameState(a: LearnerState, b: LearnerState): boolean {
  const names = Object.keys(a.extra ?? {});
  return (
    sameBits(a.params, b.params) &&
    names.join() === Object.keys(b.extra ?? {}).join() &&
    names.every((name) => sameBits(a.extra?.[name] as never, b.extra?.[name] as never)) &&
    JSON.stringify(a.details) === JSON.stringify(b.details) &&
    JSON.stringify(a.memory) === JSON.stringify(b.memory)
  );
}

const last = (learned: readonly LearnedTask[]): LearnedTask => learned.at(-1) as LearnedTask;

class Crash extends Error {}

/**
 * The laws of a learner, as vitest tests, on three tasks of toy images: it learns, gives the same bits for the same seed, goes on
 * to the same bits after a crash at any epoch, leaves no tensor behind and earlier states untouched, its state is JSON and
 * numbers, options are checked, an abort is heeded.
 *
 * @example
 * describeLearner(ewc, { options: { strength: 100 } });
 */
export function describeLearner<Options>(
  learner: Learner<Options>,
  { options: input = {}, fusions = [], learns = 0.8 }: DescribeLearnerOptions = {},
): void {
  const parsed = learner.options.safeParse(input);
  if (!parsed.success)
    throw new Error(`The options to test with are not valid: ${JSON.stringify(parsed.error.issues)}`);
  const options = parsed.data;

  describe(`learner ${learner.name} ${JSON.stringify(input)}`, () => {
    const states = new Map<string, TrainState>();
    const saves: string[] = [];
    let whole: readonly LearnedTask[];

    beforeAll(async () => {
      whole = await learnToyStream(learner, options, { fusions, save: (_, name) => void saves.push(name) });
    });

    it("learns", async () => {
      const model = toyModel();
      const { state } = last(whole);
      const { test } = toyStream().at(-1) as ReturnType<typeof toyStream>[number];
      const answers = learner.readout?.(options, model, state) ?? model;
      expect((await evaluate(answers, state.params, test)).accuracy).toBeGreaterThanOrEqual(learns);
    });

    it("gives the same bits for the same seed, and others for another", async () => {
      const again = await learnToyStream(learner, options, { fusions });
      expect(whole.every(({ state }, t) => sameState(state, again[t]?.state as LearnerState))).toBe(true);
      const other = await learnToyStream(learner, options, { fusions, seed: 1 });
      expect(sameState(last(whole).state, last(other).state)).toBe(false);
    });

    it("goes on to the same bits after a crash at each of its saves", async () => {
      for (const [i, name] of saves.entries()) {
        const task = name.split("/")[0] as string;
        if (learner.once !== true && task !== "1") continue;
        states.clear();
        let count = 0;
        const crashing = learnToyStream(learner, options, {
          fusions,
          save(state, at) {
            if (at.startsWith(`${task}/`)) states.set(at, state);
            if (count++ === i) throw new Crash();
          },
        });
        await expect(crashing).rejects.toThrow(Crash);
        const resumed = await learnToyStream(learner, options, { fusions, resume: states });
        expect(sameState(last(resumed).state, last(whole).state)).toBe(true);
      }
    });

    it("leaves no tensor behind", async () => {
      expect(await leakedTensors(() => learnToyStream(learner, options, { fusions }))).toBe(0);
    });

    it("keeps nothing but numbers and JSON", () => {
      for (const { state } of whole) {
        expect(JSON.parse(JSON.stringify(state.details ?? {}))).toEqual(state.details ?? {});
        for (const params of [state.params, ...Object.values(state.extra ?? {})])
          for (const { data } of params.values()) expect(data).toBeInstanceOf(Float32Array);
      }
    });

    it("describes its options and refuses unknown ones, and says in one sentence what it does", () => {
      expect(learner.options.jsonSchema).toMatchObject({ type: "object" });
      expect(learner.options.safeParse({ ...(input as object), "no such option": 1 }).success).toBe(false);
      expect(learner.description).toMatch(/^[^.]+\.$/);
    });

    it("stops when it is told to", async () => {
      const signal = AbortSignal.abort("test");
      const error = await learnToyStream(learner, options, { fusions, signal }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(isIsthmusError(error) && error.code).toBe("run/aborted");
    });
  });
}
