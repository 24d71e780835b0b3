import {
  type ArrayValue,
  classification,
  evaluate,
  initialize,
  linearCombination,
  type Objective,
  type Params,
  Rng,
  reestimateStatistics,
  sameBits,
  tf,
  toTensors,
  trainSettings,
  useBackend,
} from "@isthmus/core";
import {
  derivativeError,
  describeFusionMethod,
  largestDifference,
  logitsOf,
  toyContext,
  toyData,
  toyInputs,
  toyNormModel,
  wholeBatch,
} from "@isthmus/core/testing";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { curve } from "./curve.js";
import { curveObjective, joinPoints, splitPoints } from "./curve-objective.js";
import { type CurveFamily, curveCoefficients } from "./families.js";

const short = {
  epochs: 2,
  batchSize: 30,
  optimizer: { kind: "sgd", learningRate: 0.05, momentum: 0.9 },
  schedule: { kind: "decay" },
};

describeFusionMethod(curve, { options: { training: short } });
describeFusionMethod(curve, {
  options: { family: "polychain", bends: 4, ends: "free", init: "linear", training: short },
});

const parse = (input: unknown) => {
  const parsed = curve.options.safeParse(input);
  if (!parsed.success) throw new Error(JSON.stringify(parsed.error.issues));
  return parsed.data;
};
const families = fc.constantFrom<CurveFamily>("bezier", "polychain");
const run = (input: unknown, inputs = toyInputs()) => curve.fuse(inputs, parse(input), toyContext());

describe("coefficients", () => {
  it("are a partition of one and start and end at the ends", () => {
    fc.assert(
      fc.property(
        families,
        fc.integer({ min: 2, max: 7 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (family, points, t) => {
          const sum = curveCoefficients(family, points, t).reduce((a, b) => a + b, 0);
          expect(sum).toBeCloseTo(1, 12);
          expect(curveCoefficients(family, points, 0)[0]).toBe(1);
          expect(curveCoefficients(family, points, 1)[points - 1]).toBe(1);
        },
      ),
      { seed: 1 },
    );
  });

  it("of a Bézier curve give the point of de Casteljau's construction", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, t) => {
          let level = values;
          while (level.length > 1) level = level.slice(1).map((value, i) => (1 - t) * level[i] + t * value);
          const point = curveCoefficients("bezier", values.length, t).reduce(
            (sum, c, k) => sum + c * values[k],
            0,
          );
          expect(point).toBeCloseTo(level[0], 10);
        },
      ),
      { seed: 1 },
    );
  });

  it("of a quadratic Bézier curve at its middle are 1/4, 1/2, 1/4; of a chain of three, the bend alone", () => {
    expect(curveCoefficients("bezier", 3, 0.5)).toEqual([0.25, 0.5, 0.25]);
    expect(curveCoefficients("polychain", 3, 0.5)).toEqual([0, 1, 0]);
  });
});

describe("objective", () => {
  beforeAll(async () => {
    await useBackend("cpu");
  });

  // A loss with known gradient: ½ Σ (θ - c)² over all parameters, whatever the batch.
  const quadratic = (center: number): Objective => ({
    initial: new Map(),
    lossAndGradients: (params) => {
      const gradients = new Map([...params].map(([name, value]) => [name, tf.sub(value, center)]));
      const squares = [...gradients.values()].map((g) => tf.mul(tf.sum(tf.square(g)), 0.5) as tf.Scalar);
      return { loss: squares.reduce((sum, each) => tf.add(sum, each)), gradients };
    },
  });

  it.each(["bezier", "polychain"] as const)(
    "has gradients that agree with finite differences (%s, penalty included)",
    (family) => {
      const weightDecay = 0.3;
      const values = [
        [0.3, -1],
        [1.2, 0.4],
        [-0.7, 0.2],
        [0.5, 0.9],
      ];
      const points: Params[] = values.map(
        (data) => new Map([["w", { shape: [2], data: Float32Array.from(data) }]]),
      );
      const objective = curveObjective(quadratic(0.1), points, {
        family,
        free: [true, true, true, true],
        weightDecay,
      });
      const rng = Rng.seed(5);
      const t = rng.fork("t").uniform();
      // The closed form of the same loss, in double precision.
      const loss = (at: number[][]) => {
        const c = curveCoefficients(family, 4, t);
        const point = [0, 1].map((i) => at.reduce((sum, value, k) => sum + c[k] * value[i], 0));
        return point.reduce((sum, p) => sum + 0.5 * (p - 0.1) ** 2 + 0.5 * weightDecay * p ** 2, 0);
      };
      const batch = { images: tf.zeros([1]), labels: tf.zeros([1]), index: 0, indices: Uint32Array.of(0) };
      const { gradients } = objective.lossAndGradients(toTensors(objective.initial), batch, rng);
      for (let k = 0; k < 4; k++) {
        const gradient = gradients.get(`point${k}/w`)?.dataSync() as Float32Array;
        for (let i = 0; i < 2; i++) {
          const moved = (by: number) =>
            loss(values.map((v, j) => v.map((x, l) => (j === k && l === i ? x + by : x))));
          expect(gradient[i]).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 4);
        }
      }
    },
  );

  it("on a real network has bend gradients that agree with finite differences of its loss (3 %)", async () => {
    const [a, b] = toyInputs();
    const bend = toyInputs(3)[2].params;
    const data = toyData(2, 30);
    const objective = curveObjective(classification(a.model, a.params), [a.params, bend, b.params], {
      family: "bezier",
      free: [false, true, false],
      weightDecay: 0,
    });
    const rng = Rng.seed(9);
    const coefficients = curveCoefficients("bezier", 3, rng.fork("t").uniform());
    const batch = wholeBatch(data.subset([...Array(30).keys()]));
    const { gradients } = objective.lossAndGradients(toTensors(objective.initial), batch, rng);
    expect([...gradients.keys()].every((name) => name.startsWith("point1/"))).toBe(true);
    for (const name of ["kernel0", "bias1", "kernel2"]) {
      const gradient = gradients.get(`point1/${name}`)?.dataSync() as Float32Array;
      const largest = gradient.reduce(
        (best, value, i) => (Math.abs(value) > Math.abs(gradient[best]) ? i : best),
        0,
      );
      const lossAt = async (by: number) => {
        const { shape, data: own } = bend.get(name) as ArrayValue;
        const shifted = own.slice();
        shifted[largest] += by;
        const moved = new Map([...bend, [name, { shape, data: shifted }]]);
        const params = linearCombination(coefficients, [a.params, moved, b.params]);
        return (await evaluate(a.model, params, data)).loss;
      };
      const error = await derivativeError(lossAt, gradient[largest]);
      expect(error, name).toBeLessThan(0.03 * Math.abs(gradient[largest]) + 1e-5);
    }
  });

  it("joins and splits control points without loss", () => {
    const points = toyInputs(3).map(({ params }) => params);
    splitPoints(joinPoints(points), 3).forEach((point, k) => {
      expect(sameBits(point, points[k])).toBe(true);
    });
  });
});

describe("fusion", () => {
  it("keeps fixed ends to the bit and moves free ones", async () => {
    const inputs = toyInputs();
    for (const ends of ["fixed", "free"] as const) {
      const { extra = {} } = await run({ ends, training: short }, inputs);
      expect(sameBits(extra.point0, inputs[0].params)).toBe(ends === "fixed");
      expect(sameBits(extra.point2, inputs[1].params)).toBe(ends === "fixed");
    }
  });

  it("is the first network at t = 0 and the second at t = 1, when the ends are fixed", async () => {
    const inputs = toyInputs();
    for (const at of [0, 1])
      expect(sameBits((await run({ at, training: short }, inputs)).params, inputs[at].params)).toBe(true);
  });

  it("without training and with linear bends is the average of the two", async () => {
    const inputs = toyInputs();
    const { params } = await run({ init: "linear", bends: 5, training: { ...short, epochs: 0 } }, inputs);
    const mean = linearCombination(
      [0.5, 0.5],
      inputs.map((input) => input.params),
    );
    const [own, expected] = await Promise.all(
      [params, mean].map((each) => logitsOf(inputs[0].model, each, toyData())),
    );
    expect(Math.max(...own.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-5);
  });

  it("with `at: weights` is where the second network's share is its weight; otherwise weights play no part", async () => {
    const weighted = toyInputs().map((input, i) => ({ ...input, weight: [0.8, 0.2][i] }));
    const untrained = { init: "linear", training: { ...short, epochs: 0 } };
    const mean = linearCombination(
      [0.8, 0.2],
      weighted.map(({ params }) => params),
    );
    const { params, details } = await run({ ...untrained, at: "weights" }, weighted);
    expect(details).toMatchObject({ at: 0.2 });
    for (const [name, { data }] of mean)
      expect(largestDifference(data, params.get(name)?.data ?? []), name).toBeLessThan(1e-6);
    const [bent, plain] = [
      await run({ at: "weights", training: short }, weighted),
      await run({ at: 0.2, training: short }),
    ];
    expect(sameBits(bent.params, plain.params)).toBe(true);
    const middle = await run(untrained, weighted);
    expect(sameBits(middle.params, (await run({ ...untrained, at: 0.5 })).params)).toBe(true);
  });

  it("finds a middle that is better than the average of two trained networks", async () => {
    const data = toyData(0, 300);
    const [a, b] = toyInputs();
    const settings = trainSettings.parse({ ...short, epochs: 5 });
    const trained = await Promise.all(
      [a, b].map(async (input) => ({
        ...input,
        params: (await toyContext({ data }).train(classification(input.model, input.params), settings))
          .params,
      })),
    );
    const options = parse({ training: { ...short, epochs: 10 } });
    const fused = await curve.fuse(trained, options, toyContext({ data }));
    const average = linearCombination(
      [0.5, 0.5],
      trained.map(({ params }) => params),
    );
    const test = toyData(1, 300);
    const [onCurve, onLine] = await Promise.all(
      [fused.params, average].map((params) => evaluate(a.model, params, test)),
    );
    expect(onCurve.loss).toBeLessThan(onLine.loss);
  });

  it("passes its weight decay on to training, and gives each random bend its own weights", async () => {
    const [plain, decayed] = [
      await run({ training: short }),
      await run({ training: short, weightDecay: 0.1 }),
    ];
    expect(sameBits(plain.params, decayed.params)).toBe(false);
    const { extra = {} } = await run({ bends: 4, training: { ...short, epochs: 0 } });
    expect(sameBits(extra.point1, extra.point2)).toBe(false);
  });

  it("keeps its own defaults of training where only some settings are given", () => {
    const { training } = parse({ training: { epochs: 3 } });
    expect(training).toMatchObject({
      epochs: 3,
      batchSize: 128,
      optimizer: { kind: "sgd", learningRate: 0.07, momentum: 0.9, weightDecay: 0 },
      schedule: { kind: "decay" },
    });
    expect(parse({}).training.epochs).toBe(10);
  });

  it("trains through batch normalization, and its point has statistics of its own", async () => {
    const model = toyNormModel();
    const data = toyData(0, 300);
    const inputs = [0, 1].map((seed) => ({ model, params: initialize(model, Rng.seed(seed)), weight: 0.5 }));
    for (const family of ["bezier", "polychain"] as const) {
      const fused = await curve.fuse(inputs, parse({ family, training: short }), toyContext({ data }));
      const points = [0, 1, 2].map((k) => fused.extra?.[`point${k}`] as Params);
      expect(sameBits(points[0], inputs[0].params)).toBe(true);
      expect(sameBits(points[2], inputs[1].params)).toBe(true);
      const point = linearCombination(curveCoefficients(family, 3, 0.5), points);
      expect(sameBits(fused.params, await reestimateStatistics({ model, params: point }, data))).toBe(true);
      expect(fused.estimated).toBe(true);
      const test = toyData(1, 300);
      const [estimated, combined] = await Promise.all(
        [fused.params, point].map((params) => evaluate(model, params, test)),
      );
      expect(estimated.accuracy).toBeGreaterThan(0.9);
      expect(estimated.loss).toBeLessThan(combined.loss);
    }
  });

  it("refuses networks of different widths, naming network, parameter and shapes, and a method that takes them", async () => {
    const inputs = [...toyInputs(1), ...toyInputs(1, 1, [8, 6])];
    await expect(run({}, inputs)).rejects.toMatchObject({
      code: "params/mismatch",
      message: 'network 2 of the curve: parameter "kernel1" has shape [8, 6]; toy needs [8, 5].',
      hint: expect.stringContaining("the method ot"),
    });
  });

  it("refuses none, one, three or five networks, and says how to fuse more of them", async () => {
    for (const count of [0, 1, 3, 5]) {
      await expect(run({}, toyInputs(count))).rejects.toMatchObject({
        code: "fusion/input-count",
        message: expect.stringContaining(`${count} were given`),
        hint: expect.stringContaining(
          "a row `of` the first two, then a row `of` that row and the next network",
        ),
      });
    }
  });
});
