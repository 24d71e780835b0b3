import { expect, it } from "vitest";
import { z } from "zod";
import { defineDataset } from "../contracts/dataset.js";
import { hostDatasets } from "./datasets.js";

const split = { images: Uint8Array.of(1), labels: Uint8Array.of(0) };

/** A data set that remarks something whenever it is read. */
const spotted = defineDataset({
  name: "spotted",
  title: "Spotted",
  description: "One image.",
  options: z.strictObject({ spots: z.number().default(1) }),
  digest: async ({ spots }, { remark }) => {
    remark?.(`${spots} spots.`);
    return "digest";
  },
  load: async ({ spots }, { remark }) => {
    remark?.(`${spots} spots.`);
    return {
      inputShape: [1, 1, 1],
      classNames: ["x"],
      normalization: { mean: [0], std: [1] },
      splits: { train: split, test: split },
    };
  },
});

it("what data sets remark is said once, however often they are read", async () => {
  const said: string[] = [];
  const host = { resolve: async () => spotted } as never;
  const datasets = hostDatasets(host, { files: {} as never, remark: (text) => said.push(text) });
  for (const spots of [1, 2, 1]) {
    const ref = { name: "spotted", options: { spots } };
    await datasets.digest(ref);
    await datasets.load(ref);
  }
  expect(said).toEqual(["1 spots.", "2 spots."]);
});
