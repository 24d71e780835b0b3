import { beforeAll, describe, expect, it } from "vitest";
import type { FusionResult } from "../../contracts/fusion.js";
import { toyData, toyInputs } from "../../testing/fixtures.js";
import { toyNormModel } from "../../testing/toy-norm.js";
import { useBackend } from "../engine/engine.js";
import { initialize, linearCombination, sameBits } from "../params.js";
import { Rng } from "../rng.js";
import { finishFusion } from "./finish-fusion.js";
import { reestimateStatistics } from "./reestimate.js";
import { repair } from "./repair.js";

const data = toyData(0, 30);
const normalized = toyNormModel();
const plainInputs = toyInputs(2);
const normalizedInputs = [0, 1].map((seed) => ({
  model: normalized,
  params: initialize(normalized, Rng.seed(seed)),
  weight: 0.5,
}));

/** What averaging gives. */
function averaged(inputs: typeof normalizedInputs | typeof plainInputs): FusionResult {
  const aligned = inputs.map(({ params }) => params);
  return {
    model: inputs[0].model,
    params: linearCombination([0.5, 0.5], aligned),
    aligned,
    details: { kept: 1 },
  };
}

beforeAll(async () => {
  await useBackend("wasm");
});

describe("after a fusion", () => {
  it("none changes nothing, nor does statistics where there are none or they are estimated already", async () => {
    const plain = averaged(plainInputs);
    const estimated = { ...averaged(normalizedInputs), estimated: true };
    expect(await finishFusion(plain, plainInputs, { afterwards: "none" })).toBe(plain);
    expect(await finishFusion(plain, plainInputs, { afterwards: "statistics" })).toBe(plain);
    expect(await finishFusion(estimated, normalizedInputs, { afterwards: "statistics" })).toBe(estimated);
  });

  it("statistics estimates running statistics on the data, and keeps the rest of the result", async () => {
    const result = averaged(normalizedInputs);
    const finished = await finishFusion(result, normalizedInputs, { afterwards: "statistics", data });
    expect(sameBits(finished.params, await reestimateStatistics(result, data))).toBe(true);
    expect(sameBits(finished.params, result.params)).toBe(false);
    expect(finished).toMatchObject({ estimated: true, details: { kept: 1 } });
  });

  it("repair repairs with the aligned inputs and their weights", async () => {
    const inputs = plainInputs.map((input, i) => ({ ...input, weight: [0.2, 0.8][i] }));
    const result = averaged(inputs);
    const { params } = await finishFusion(result, inputs, { afterwards: "repair", data });
    expect(sameBits(params, await repair(result, inputs, data))).toBe(true);
    expect(sameBits(params, await repair(result, plainInputs, data))).toBe(false);
  });

  it("is refused without images, and repair where the units of the inputs may be others", async () => {
    for (const [inputs, afterwards] of [
      [normalizedInputs, "statistics"],
      [plainInputs, "repair"],
    ] as const) {
      const run = (own?: typeof data) => finishFusion(averaged(inputs), inputs, { afterwards, data: own });
      await expect(run()).rejects.toMatchObject({ code: "fusion/needs-data" });
      await expect(run(data.subset([]))).rejects.toMatchObject({ code: "fusion/needs-data" });
    }
    const unaligned = { ...averaged(plainInputs), aligned: undefined };
    await expect(finishFusion(unaligned, plainInputs, { afterwards: "repair", data })).rejects.toMatchObject({
      code: "fusion/not-aligned",
      hint: expect.stringContaining("average or ot"),
    });
  });
});
