import { z } from "zod";
import { type ContributionRef, defineStep, type StepOutputs } from "../../contracts/step.js";
import { initialize } from "../../numerics/params.js";
import { classification } from "../../numerics/training/classification.js";
import { trainSettings } from "../../numerics/training/settings.js";
import { train } from "../../numerics/training/train.js";
import { architectureRef, datasetRef, loadPart, partitionRef, seedOption } from "./references.js";

const options = z.strictObject({
  seed: seedOption,
  stream: z.string().describe("name of the random stream below `train`"),
  dataset: datasetRef,
  partition: partitionRef,
  part: z.string().describe("part of the training images"),
  architecture: architectureRef,
  training: trainSettings,
  checkpoint: z
    .enum(["final", "best"])
    .describe("weights of the last epoch, or of the best on the validation share"),
});

/** Trains one network on one part of the data. Its streams are `train`/<stream>/`init` and `…/loop`, and `partition`. */
export const trainStep = defineStep({
  name: "train",
  options,
  dependencies({ architecture, dataset, partition }) {
    const contributions: ContributionRef[] = [{ kind: "architecture", name: architecture.name }];
    if (partition !== null) contributions.push({ kind: "partition", name: partition.method });
    return { contributions, dataset };
  },
  async run(
    _inputs,
    { stream, dataset, partition, part, architecture, training, checkpoint },
    context,
  ): Promise<StepOutputs> {
    const data = await loadPart(dataset, partition, part, context);
    const { build } = await context.resolve("architecture", architecture.name);
    const model = build(architecture.options, { inputShape: data.inputShape, classes: data.classes });
    const rng = context.rng.fork("train").fork(stream);
    const resume = await context.state.load();
    const { params, best } = await train(
      classification(model, initialize(model, rng.fork("init"))),
      data,
      training,
      {
        rng: rng.fork("loop"),
        signal: context.signal,
        progress: context.progress,
        metrics: context.metrics,
        save: context.state.save,
        ...(resume === undefined ? {} : { resume }),
      },
    );
    const network = { model, params: checkpoint === "best" && best !== undefined ? best.params : params };
    return best === undefined
      ? { network }
      : { network, extra: { final: params, best: best.params }, details: { bestEpoch: best.epoch } };
  },
});
