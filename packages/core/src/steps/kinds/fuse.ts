import { z } from "zod";
import type { FusionInput, FusionMethod, Network } from "../../contracts/fusion.js";
import type { LabeledData } from "../../contracts/labeled-data.js";
import { type ContributionRef, defineStep, type StepOutputs } from "../../contracts/step.js";
import { IsthmusError } from "../../errors/isthmus-error.js";
import { type FusionGivens, fusionContext } from "../../numerics/fusion-context.js";
import { allFinite } from "../../numerics/params.js";
import { afterwardsNeedsData, finishFusion } from "../../numerics/statistics/finish-fusion.js";
import { train } from "../../numerics/training/train.js";
import { afterwardsOption, datasetRef, JOINT, loadPart, partitionRef, seedOption } from "./references.js";

const options = z.strictObject({
  seed: seedOption,
  stream: z.string().describe("name of the random stream below `fuse`"),
  method: z.string().describe("fusion method"),
  options: z.record(z.string(), z.json()).describe("the method's resolved options"),
  uses: z.array(z.string()).default([]).describe("methods that the method calls"),
  weights: z.array(z.number().min(0)).describe("share of each network; they add up to 1"),
  data: z
    .strictObject({ dataset: datasetRef, partition: partitionRef })
    .nullable()
    .describe("joint data, for methods that need it and for what is done afterwards"),
  afterwards: afterwardsOption,
});

function networkOf(step: StepOutputs | undefined): Network {
  if (step?.network === undefined) {
    throw new IsthmusError({
      code: "plan/invalid",
      message: "A fusion was planned with an input that is no network.",
      hint: "This is a mistake of the experiment that planned it; report it to the author of that plugin.",
    });
  }
  return step.network;
}

/**
 * Fuses networks with a registered method, which gets the joint data only if it asks for them, and does what is to be done
 * afterwards. Its streams are `fuse`/<stream>/`method` and `…/loop`, and `partition`; the n-th
 * method that it calls gets `…/method`/<name>/<n>, counted from 0.
 */
export const fuseStep = defineStep({
  name: "fuse",
  options,
  dependencies({ method, uses, data }) {
    const methods = [method, ...uses];
    const contributions: ContributionRef[] = methods.map((name) => ({ kind: "fusion", name }));
    if (data?.partition) contributions.push({ kind: "partition", name: data.partition.method });
    return data === null ? { contributions } : { contributions, dataset: data.dataset };
  },
  async run(
    { networks = [], base = [] },
    { stream, method: name, options: methodOptions, uses, weights, data, afterwards },
    context,
  ): Promise<StepOutputs> {
    const method: FusionMethod = await context.resolve("fusion", name);
    const rng = context.rng.fork("fuse").fork(stream);
    const inputs = networks.map((each, i): FusionInput => ({ ...networkOf(each), weight: weights[i] }));
    const ancestor = base.length === 0 ? undefined : networkOf(base[0]);
    const asksForData = method.meta.needs.some((need) => need === "data" || need === "training");
    const needsData = asksForData || inputs.some(({ model }) => afterwardsNeedsData(afterwards, model));
    const joint =
      data === null || !needsData ? undefined : await loadPart(data.dataset, data.partition, JOINT, context);
    const { signal, progress, metrics, state } = context;
    const givens: FusionGivens = {
      data: asksForData ? joint : undefined,
      base: ancestor?.params,
      uses,
      train: async (objective, settings, hooks) =>
        train(objective, joint as LabeledData, settings, {
          rng: rng.fork("loop"),
          signal,
          progress,
          metrics,
          hooks,
          save: state.save,
          resume: await state.load(),
        }),
    };
    const own = fusionContext(context, rng.fork("method"), givens);
    const fused = await method.fuse(inputs, methodOptions, own);
    const finished = await finishFusion(fused, inputs, { afterwards, data: joint, signal, progress });
    const { model, params, aligned: _aligned, estimated: _estimated, ...rest } = finished;
    if (!allFinite(params)) {
      throw new IsthmusError({
        code: "fusion/not-finite",
        message: `The fusion method "${name}" gave weights that are not finite.`,
        hint: "Lower the learning rate where it trains, or check the networks that it was given.",
      });
    }
    return { network: { model, params }, ...rest };
  },
});
