import { beforeAll, describe, expect, it } from "vitest";
import type { FusionInput } from "../../contracts/fusion.js";
import type { DenseLayer, Model } from "../../contracts/model.js";
import type { ArrayValue, Params } from "../../contracts/params.js";
import { toyData, toyInputs } from "../../testing/fixtures.js";
import { copyParams, largestDifference, leakedTensors } from "../../testing/measure.js";
import { toyNormModel } from "../../testing/toy-norm.js";
import { useBackend } from "../engine/engine.js";
import { tf } from "../engine/tf.js";
import { initialize, linearCombination, sameBits } from "../params.js";
import { Rng } from "../rng.js";
import { reestimateStatistics } from "./reestimate.js";
import { repair } from "./repair.js";

const data = toyData(7, 83);
const read = (params: Params, name: string) => (params.get(name) as ArrayValue).data;

/** Mean and standard deviation of a list of numbers. */
function moments(values: readonly number[]): readonly [mean: number, std: number] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return [mean, Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)];
}

/** Statistics of all hidden units of a dense stack, by definition and in double precision: `[layer][unit][mean, std]`. */
function definition(stack: readonly DenseLayer[], params: Params) {
  const { images } = data.batch([...Array(data.count).keys()]);
  let x = Array.from({ length: data.count }, (_, i) => [...images.subarray(36 * i, 36 * (i + 1))]);
  return stack.slice(0, -1).map(({ kernel, bias }) => {
    const weights = read(params, kernel);
    const units = weights.length / x[0].length;
    const biases = bias === undefined ? new Float32Array(units) : read(params, bias);
    const pre = x.map((row) =>
      Array.from(biases, (b, u) => row.reduce((sum, value, i) => sum + value * weights[i * units + u], b)),
    );
    x = pre.map((row) => row.map((value) => Math.max(0, value)));
    return Array.from(biases, (_, u) => moments(pre.map((row) => row[u])));
  });
}

const fuse = (inputs: readonly FusionInput[]) =>
  linearCombination(
    inputs.map(({ weight }) => weight),
    inputs.map(({ params }) => params),
  );

/** The toy network without its biases. */
function withoutBias(model: Model): Model {
  return {
    ...model,
    parameters: model.parameters.filter(({ role }) => role !== "bias"),
    symmetry: model.symmetry.map((group) => ({
      ...group,
      axes: group.axes.filter(({ parameter }) => parameter.startsWith("kernel")),
    })),
    stack: (model.stack ?? []).map(({ kernel, activation }) => ({ kernel, activation })),
    apply(params, images, context) {
      const all = new Map(params);
      for (const { name, shape } of model.parameters) if (!all.has(name)) all.set(name, tf.zeros([...shape]));
      return model.apply(all, images, context);
    },
  };
}

/** Three networks whose units differ much in mean and spread. */
function variedInputs(): FusionInput[] {
  return toyInputs(3, 2).map((input, k) => {
    const params = [...input.params].map(([name, { shape, data: own }]) => {
      const factors = Rng.seed(k).fork(name).uniforms(own.length, 0.3, 2.5);
      return [name, { shape, data: own.map((value, i) => value * factors[i] + 0.05 * k) }] as const;
    });
    return { ...input, params: new Map(params), weight: [0.5, 0.3, 0.2][k] };
  });
}

describe.each(["wasm", "cpu"])("REPAIR on %s", (backend) => {
  beforeAll(async () => {
    await useBackend(backend);
  });

  it("gives every unit the weighted mean of the inputs' means and standard deviations", async () => {
    const inputs = variedInputs();
    const [{ model }] = inputs;
    const stack = model.stack ?? [];
    const fused = fuse(inputs);
    const copy = copyParams(fused);
    const before = definition(stack, fused);
    const after = definition(stack, await repair({ model, params: fused }, inputs, data, { batchSize: 20 }));
    const own = inputs.map(({ params }) => definition(stack, params));
    expect(sameBits(fused, copy)).toBe(true);
    after.forEach((layer, l) => {
      layer.forEach(([mean, std], u) => {
        const [goalMean, goalStd] = [0, 1].map((k) =>
          inputs.reduce((sum, { weight }, i) => sum + weight * own[i][l][u][k], 0),
        );
        expect(Math.abs(std / goalStd - 1)).toBeLessThan(1e-3);
        expect(Math.abs(mean - goalMean)).toBeLessThan(1e-3 * goalStd);
      });
    });
    const moved = before.flat().filter(([, std], i) => Math.abs(after.flat()[i][1] / std - 1) > 0.05);
    expect(moved.length).toBeGreaterThan(5);
  });

  it("without biases scales the units alone, to the standard deviation that is wanted", async () => {
    const inputs = variedInputs().map((input) => ({
      ...input,
      model: withoutBias(input.model),
      params: new Map([...input.params].filter(([name]) => name.startsWith("kernel"))),
    }));
    const [{ model }] = inputs;
    const stack = model.stack ?? [];
    const after = definition(stack, await repair({ model, params: fuse(inputs) }, inputs, data));
    const own = inputs.map(({ params }) => definition(stack, params));
    after.forEach((layer, l) => {
      layer.forEach(([, std], u) => {
        const goal = inputs.reduce((sum, { weight }, i) => sum + weight * own[i][l][u][1], 0);
        expect(Math.abs(std / goal - 1)).toBeLessThan(1e-3);
      });
    });
  });

  it("leaves the fusion of a network with itself as it is", async () => {
    const [input] = variedInputs();
    const half = { ...input, weight: 0.5 };
    const params = await repair({ model: input.model, params: fuse([half, half]) }, [half, half], data);
    for (const [name, { data: values }] of params)
      expect(largestDifference(values, read(input.params, name)), name).toBeLessThan(1e-5);
  });

  it("shifts a unit that is constant, and keeps one that no input uses finite", async () => {
    const [a, b] = variedInputs();
    const silent = (params: Params, name: string) =>
      new Map(params).set(name, { shape: [36, 8], data: read(params, name).map((x, i) => (i % 8 ? x : 0)) });
    const inputs = [a, b].map((input) => ({ ...input, weight: 0.5 }));
    const [{ model }] = inputs;
    const fused = silent(fuse(inputs), "kernel0");
    const stack = model.stack ?? [];
    const [[[mean, std]]] = definition(stack, await repair({ model, params: fused }, inputs, data));
    const goal = inputs.reduce((sum, { params }) => sum + definition(stack, params)[0][0][0] / 2, 0);
    expect(std).toBe(0);
    expect(mean).toBeCloseTo(goal, 4);
    const unused = inputs.map((input) => ({ ...input, params: silent(input.params, "kernel0") }));
    const kept = await repair({ model, params: fuse(inputs) }, unused, data);
    expect([...kept.values()].every((value) => value.data.every(Number.isFinite))).toBe(true);
  });

  it("leaves no tensor behind, and heeds an abort", async () => {
    const inputs = variedInputs();
    const [{ model }] = inputs;
    const network = { model, params: fuse(inputs) };
    expect(await leakedTensors(() => repair(network, inputs, data, { batchSize: 20 }))).toBe(0);
    const signal = AbortSignal.abort();
    await expect(repair(network, inputs, data, { signal })).rejects.toMatchObject({ code: "run/aborted" });
  });
});

describe("REPAIR of normalized networks", () => {
  const model = toyNormModel([8, 5]);
  const inputs = [0, 1].map((k): FusionInput => {
    const fresh = initialize(model, Rng.seed(k));
    const params = [...fresh].map(([name, { shape, data: own }]) => {
      const noise = Rng.seed(k).fork(name).uniforms(own.length, -2, 2);
      return [name, { shape, data: /scale|bias/.test(name) ? noise : own }] as const;
    });
    return { model, params: new Map(params), weight: [0.25, 0.75][k] };
  });

  it("gives the output of every normalization the weighted mean of the inputs' statistics", async () => {
    // Running variances are unbiased, those of training are not: with 2,000 images they differ by 1 in 4,000.
    const plenty = toyData(8, 2000);
    const repaired = await repair({ model, params: fuse(inputs) }, inputs, plenty, { batchSize: 2000 });
    const seen: number[][] = [];
    const weights = new Map(
      [...repaired].map(([name, { shape, data: own }]) => [name, tf.tensor(own, [...shape])]),
    );
    tf.tidy(() => {
      const images = tf.tensor(plenty.batch([...Array(2000).keys()]).images, [2000, 6, 6, 1]);
      model.apply(weights, images, {
        training: false,
        tap: {
          activation: (_, stage, value) => {
            if (stage !== "pre") return;
            const flat = [...value.dataSync()];
            const units = value.shape[1] as number;
            for (let u = 0; u < units; u++) seen.push(flat.filter((_, i) => i % units === u));
          },
        },
      });
    });
    for (const tensor of weights.values()) tensor.dispose();
    const goal = (part: string, of: (x: number) => number) =>
      [0, 1].flatMap((l) =>
        Array.from(read(inputs[0].params, `norm${l}.${part}`), (_, u) =>
          inputs.reduce(
            (sum, { params, weight }) => sum + weight * of(read(params, `norm${l}.${part}`)[u]),
            0,
          ),
        ),
      );
    const [means, stds] = [goal("bias", (x) => x), goal("scale", Math.abs)];
    const variances = [0, 1].flatMap((l) => [...read(repaired, `norm${l}.variance`)]);
    seen.forEach((values, i) => {
      const [mean, std] = moments(values);
      const damped = stds[i] * Math.sqrt(variances[i] / (variances[i] + 1e-5)); // by what keeps the root from 0
      expect(Math.abs(mean - means[i])).toBeLessThan(1e-3);
      expect(Math.abs(std / damped - 1)).toBeLessThan(1e-3);
    });
  });

  it("of a network with itself only estimates its statistics", async () => {
    const [input] = inputs;
    const half = { ...input, weight: 0.5 };
    const repaired = await repair({ model, params: fuse([half, half]) }, [half, half], data);
    expect(sameBits(repaired, await reestimateStatistics(input, data))).toBe(true);
  });
});

describe("REPAIR refuses", () => {
  const inputs = toyInputs(2);
  const [{ model }] = inputs;
  const refused = (changed: Model) => repair({ model: changed, params: fuse(inputs) }, inputs, data);
  const [first, ...others] = model.symmetry;

  it("a recurrent group, naming the parameter", async () => {
    const axes = [...first.axes, { parameter: "kernel0", axis: 0, side: "outgoing" } as const];
    await expect(refused({ ...model, symmetry: [{ ...first, axes }, ...others] })).rejects.toMatchObject({
      code: "fusion/repair",
      message: expect.stringMatching(/"units0" of toy.*feed it \("kernel0"\)/),
    });
  });

  it("a residual stream without normalization, and units that are not reported", async () => {
    const reporting = (times: number): Model => ({
      ...model,
      apply: (params, images, context) => {
        const activation: NonNullable<typeof context.tap>["activation"] = (...report) => {
          for (let i = 0; i < times; i++) context.tap?.activation?.(...report);
        };
        return model.apply(params, images, { ...context, tap: { activation } });
      },
    });
    await expect(refused(reporting(2))).rejects.toMatchObject({
      code: "fusion/repair",
      message: expect.stringContaining("several layers write to it"),
    });
    await expect(refused(reporting(0))).rejects.toMatchObject({
      code: "fusion/repair",
      message: expect.stringContaining("does not report"),
    });
  });

  it("a scale without running statistics", async () => {
    const parameters = model.parameters.map((each) =>
      each.name === "bias0" ? { ...each, role: "scale" as const } : each,
    );
    await expect(refused({ ...model, parameters })).rejects.toMatchObject({ code: "fusion/repair" });
  });
});
