import { z } from "zod";
import type { FusionContext, FusionInput, FusionMethod, Network } from "../../contracts/fusion.js";
import {
  type ContributionRef,
  defineStep,
  type StepContext,
  type StepOutputs,
} from "../../contracts/step.js";
import { IsthmusError } from "../../errors/isthmus-error.js";
import type { LabeledImages } from "../../numerics/data/labeled-images.js";
import type { Rng } from "../../numerics/rng.js";
import { train } from "../../numerics/training/train.js";
import { datasetRef, JOINT, loadPart, partitionRef, seedOption } from "./references.js";

const options = z.strictObject({
  seed: seedOption,
  stream: z.string().describe("name of the random stream below `fuse`"),
  method: z.string().describe("fusion method"),
  options: z.record(z.string(), z.json()).describe("the method's resolved options"),
  weights: z.array(z.number().min(0)).describe("share of each network; they add up to 1"),
  data: z
    .strictObject({ dataset: datasetRef, partition: partitionRef })
    .nullable()
    .describe("joint data, for methods that need it"),
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

function fusionContext(
  step: StepContext,
  rng: Rng,
  data: LabeledImages | undefined,
  base: Network | undefined,
): FusionContext {
  let trained = false;
  let calls = 0;
  const context: FusionContext = {
    rng: rng.fork("method"),
    signal: step.signal,
    progress: step.progress,
    metrics: step.metrics,
    ...(data === undefined ? {} : { data }),
    ...(base === undefined ? {} : { base: base.params }),
    async train(objective, settings, hooks) {
      if (data === undefined || trained) {
        throw new IsthmusError({
          code: "fusion/training",
          message: trained
            ? "A fusion method asked for training a second time."
            : "A fusion method asked for training, but its `meta.needs` does not name it.",
          hint: "This is a defect of the method: it may train once per fusion, and must say so in `meta.needs`.",
        });
      }
      trained = true;
      const resume = await step.state.load();
      return train(objective, data, settings, {
        rng: rng.fork("loop"),
        signal: step.signal,
        progress: step.progress,
        metrics: step.metrics,
        save: step.state.save,
        ...(hooks === undefined ? {} : { hooks }),
        ...(resume === undefined ? {} : { resume }),
      });
    },
    async fuse(name, inputs, input = {}) {
      const own = context.rng.fork(`${name}/${calls++}`);
      const other = await step.resolve("fusion", name);
      const parsed = other.options.safeParse(input);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        throw new IsthmusError({
          code: "options/invalid",
          message: `The fusion method "${name}" was called with wrong options: ${issue?.path.map(String).join(".")}: ${issue?.message}.`,
          hint: "This is a defect of the method that called it.",
        });
      }
      return other.fuse(inputs, parsed.data, { ...context, rng: own });
    },
  };
  return context;
}

/**
 * Fuses networks with a registered method. Its streams are `fuse`/<stream>/`method` and `…/loop`, and `partition`; the n-th
 * method that it calls gets `…/method`/<name>/<n>, counted from 0.
 */
export const fuseStep = defineStep({
  name: "fuse",
  options,
  dependencies({ method, data }) {
    const contributions: ContributionRef[] = [{ kind: "fusion", name: method }];
    if (data?.partition) contributions.push({ kind: "partition", name: data.partition.method });
    return data === null ? { contributions } : { contributions, dataset: data.dataset };
  },
  async run(
    { networks = [], base = [] },
    { stream, method: name, options: methodOptions, weights, data },
    context,
  ): Promise<StepOutputs> {
    const method: FusionMethod = await context.resolve("fusion", name);
    const rng = context.rng.fork("fuse").fork(stream);
    const joint = data === null ? undefined : await loadPart(data.dataset, data.partition, JOINT, context);
    const inputs = networks.map((each, i): FusionInput => ({ ...networkOf(each), weight: weights[i] }));
    const ancestor = base.length === 0 ? undefined : networkOf(base[0]);
    const { model, params, ...rest } = await method.fuse(
      inputs,
      methodOptions,
      fusionContext(context, rng, joint, ancestor),
    );
    return { network: { model, params }, ...rest };
  },
});
