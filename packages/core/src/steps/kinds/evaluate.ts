import { z } from "zod";
import { defineStep, type StepOutputs } from "../../contracts/step.js";
import { IsthmusError } from "../../errors/isthmus-error.js";
import { LabeledImages } from "../../numerics/data/labeled-images.js";
import { evaluate } from "../../numerics/evaluate.js";
import { datasetRef } from "./references.js";

const options = z.strictObject({
  dataset: datasetRef,
  split: z.enum(["train", "test"]).describe("which images"),
});

/** Evaluates a network on all images of a split. */
export const evaluateStep = defineStep({
  name: "evaluate",
  options,
  dependencies: ({ dataset }) => ({ contributions: [], dataset }),
  async run({ networks = [] }, { dataset, split }, context): Promise<StepOutputs> {
    const network = networks[0]?.network;
    if (network === undefined) {
      throw new IsthmusError({
        code: "plan/invalid",
        message: "An evaluation was planned without a network.",
        hint: "This is a mistake of the experiment that planned it; report it to the author of that plugin.",
      });
    }
    const data = new LabeledImages(await context.dataset(dataset), split);
    const { signal, progress } = context;
    const { loss, accuracy, perClass, confusion } = await evaluate(network.model, network.params, data, {
      signal,
      progress,
    });
    return {
      summary: { [`${split}/accuracy`]: accuracy, [`${split}/loss`]: loss },
      details: { perClass: perClass.map((value) => (Number.isNaN(value) ? null : value)), confusion },
    };
  },
});
