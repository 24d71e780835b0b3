// Learning by merging of a small convolutional network with batch normalization: its running statistics after every merge.

import { merge } from "@isthmus/continual";
import { concatenate, evaluate, reestimateStatistics, sameBits, useBackend } from "@isthmus/core";
import { leakedTensors, learnToyStream, toyStream } from "@isthmus/core/testing";
import { average } from "@isthmus/fusion-avg";
import { curve } from "@isthmus/fusion-curve";
import { ot } from "@isthmus/fusion-ot";
import { convnet } from "@isthmus/models";
import { beforeAll, describe, expect, it } from "vitest";

const { data: options } = convnet.options.safeParse({ channels: [4, 6], hidden: [8], batchNorm: true });
const model = convnet.build(options, { inputShape: [6, 6, 1], classes: 3 });
const tasks = toyStream();
const seen = concatenate(tasks.map(({ train }) => train));
const fusions = [average, ot, curve];

/** The network after all tasks. */
async function learned(fusion, more) {
  const { data } = merge.options.safeParse({ fusion, data: "seen", ...more });
  const states = await learnToyStream(merge, data, { model, fusions });
  return states.at(-1).state.params;
}
const lossOf = async (params) =>
  (await evaluate(model, params, concatenate(tasks.map(({ test }) => test)))).loss;

beforeAll(async () => {
  await useBackend("wasm");
});

describe("merging networks with batch normalization", () => {
  it.each([{ method: "average" }, { method: "ot", options: { target: "last" } }])(
    "by %j has statistics of its own, which serve it better than fused ones",
    async (fusion) => {
      const [estimated, plain] = [await learned(fusion), await learned(fusion, { afterwards: "none" })];
      expect(sameBits(estimated, await reestimateStatistics({ model, params: plain }, seen))).toBe(true);
      expect(await lossOf(estimated)).toBeLessThan(await lossOf(plain));
    },
  );

  it("by a curve estimates them for its point, once", async () => {
    const fusion = { method: "curve", options: { training: { epochs: 2, batchSize: 16 } } };
    const params = await learned(fusion);
    expect(sameBits(params, await reestimateStatistics({ model, params }, seen))).toBe(true);
    expect(sameBits(params, await learned(fusion, { afterwards: "none" }))).toBe(true);
  });

  it("leaves no tensor behind", async () => {
    expect(await leakedTensors(() => learned({ method: "average" }, { afterwards: "repair" }))).toBe(0);
  });
});
