import {
  classification,
  initialize,
  probeBackends,
  Rng,
  train,
  trainSettings,
  useBackend,
} from "@isthmus/core";
import { largestDifference, leakedTensors, toyData, toyModel } from "@isthmus/core/testing";
import { afterAll, describe, expect, it } from "vitest";
import { curveObjective } from "./curve-objective.js";
import type { CurveFamily } from "./families.js";

const model = toyModel([8, 5]);
const points = [1, 2, 3].map((seed) => initialize(model, Rng.seed(seed)));
const data = toyData(0, 90);
const settings = trainSettings.parse({
  epochs: 3,
  batchSize: 32,
  optimizer: { kind: "sgd", learningRate: 0.05, momentum: 0.9, weightDecay: 0.01 },
});

const CASES: readonly [CurveFamily, readonly boolean[], number][] = [
  ["bezier", [false, true, false], 0],
  ["bezier", [true, true, true], 0.02],
  ["polychain", [false, true, true], 0.02],
];

const backends = (await probeBackends()).filter(({ problem }) => problem === undefined);

describe.for(backends.map(({ name }) => name))("training a curve on %s", (backend) => {
  afterAll(async () => void (await useBackend("wasm")));

  it.for(CASES)(
    "%s, free %j, penalty %d: descends as without shortcuts, to 1e-5 after 9 steps, and leaks nothing",
    async ([family, free, weightDecay]) => {
      await useBackend(backend);
      const objective = curveObjective(classification(model, points[0]), points, {
        family,
        free,
        weightDecay,
      });
      const fast = () => train(objective, data, settings, { rng: Rng.seed(3) });
      const [quick, slow] = [
        await fast(),
        await train(objective, data, settings, { rng: Rng.seed(3), hooks: {} }), // hooks keep every shortcut away
      ];
      for (const [name, { data: values }] of slow.params) {
        expect(largestDifference(quick.params.get(name)?.data ?? [], values), name).toBeLessThan(1e-5);
        const moved = largestDifference(values, objective.initial.get(name)?.data ?? []);
        if (free[Number(name[5])]) expect(moved, name).toBeGreaterThan(1e-3);
        else expect(moved, name).toBe(0);
      }
      quick.history.forEach(({ loss }, epoch) => {
        expect(Math.abs(loss - slow.history[epoch].loss)).toBeLessThan(1e-5);
      });
      expect(await leakedTensors(fast)).toBe(0);
    },
  );
});
