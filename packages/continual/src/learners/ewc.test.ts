import { fisherDiagonal, fisherOptions, type Params, Rng, sameBits } from "@isthmus/core";
import {
  describeLearner,
  largestDifference,
  learnToyStream,
  toyModel,
  toyStream,
} from "@isthmus/core/testing";
import { describe, expect, it } from "vitest";
import { type EwcOptions, ewc } from "./ewc.js";
import { naive } from "./naive.js";

describeLearner(ewc, { options: { strength: 2 } });
describeLearner(ewc, { options: { mode: "online", strength: 2, decay: 0.9, fisher: { labels: "sampled" } } });

async function learned(options: object) {
  const parsed = ewc.options.safeParse(options);
  if (!parsed.success) throw new Error(JSON.stringify(parsed.error.issues));
  return (await learnToyStream(ewc, parsed.data as EwcOptions)).map(({ state }) => state);
}

/** Fisher information of each task's images in the weights after it. */
async function information(states: readonly { readonly params: Params }[]): Promise<readonly Params[]> {
  const model = toyModel();
  return Promise.all(
    states.map(({ params }, t) =>
      fisherDiagonal({ model, params }, toyStream()[t].train, fisherOptions.parse({}), { rng: Rng.seed(0) }),
    ),
  );
}

/** For every weight of a parameter, a sum over tasks. */
function overTasks(
  sets: readonly Params[],
  name: string,
  term: (value: number, t: number, i: number) => number,
) {
  const arrays = sets.map((each) => each.get(name)?.data as Float32Array);
  return arrays[0].map((_, i) => arrays.reduce((sum, array, t) => sum + term(array[i], t, i), 0));
}

describe("elastic weight consolidation", () => {
  it("with separate penalties pulls like the sum of a penalty for each earlier task", async () => {
    const states = await learned({ strength: 2 });
    const fishers = await information(states);
    const { importance, anchor } = states[2].extra as Record<string, Params>;
    for (const [name, { data }] of importance) {
      const center = anchor.get(name)?.data as Float32Array;
      const weight = (t: number, i: number) => states[t].params.get(name)?.data[i] as number;
      for (const theta of [-1, 0.5]) {
        const pulls = overTasks(fishers, name, (f, t, i) => f * (theta - weight(t, i)));
        const found = data.map((omega, i) => omega * (theta - center[i]));
        expect(largestDifference(found, pulls)).toBeLessThan(1e-5 * Math.max(1, ...pulls.map(Math.abs)));
      }
    }
  });

  it("online has the importance of all tasks, the older the fainter, around the last weights", async () => {
    const states = await learned({ mode: "online", strength: 2, decay: 0.5 });
    const fishers = await information(states);
    expect(Object.keys(states[2].extra ?? {})).toEqual(["importance"]);
    for (const [name, { data }] of states[2].extra?.importance ?? []) {
      const sums = overTasks(fishers, name, (f, t) => f * 0.5 ** (2 - t));
      expect(largestDifference(data, sums)).toBeLessThan(1e-5 * Math.max(1, ...sums));
    }
  });

  it("of strength 0 is sequential fine-tuning, and the stronger the nearer it stays", async () => {
    const without = (await learnToyStream(naive, {})).map(({ state }) => state);
    const [free, weak, strong] = await Promise.all([0, 3, 30].map((strength) => learned({ strength })));
    for (const t of [0, 1, 2]) {
      for (const [name, { data }] of without[t].params)
        expect(largestDifference(free[t].params.get(name)?.data ?? [], data)).toBeLessThan(1e-6);
    }
    const [importance] = await information(free);
    const moved = (states: typeof free) => {
      const [after, later] = states.map(({ params }) => params);
      return [...importance].reduce(
        (sum, [name, { data }]) =>
          data.reduce((part, f, i) => {
            const away = (later.get(name)?.data[i] as number) - (after.get(name)?.data[i] as number);
            return part + f * away ** 2;
          }, sum),
        0,
      );
    };
    expect(moved(weak)).toBeLessThan(0.7 * moved(free));
    expect(moved(strong)).toBeLessThan(0.7 * moved(weak));
    expect(sameBits(weak[0].params, strong[0].params)).toBe(true);
  });

  it("refuses a decay of separate penalties", () => {
    expect(ewc.options.safeParse({ decay: 0.5 }).success).toBe(false);
  });
});
