import type { FusionInput, FusionResult } from "../../contracts/fusion.js";
import type { LabeledData } from "../../contracts/labeled-data.js";
import type { Model } from "../../contracts/model.js";
import { IsthmusError } from "../../errors/isthmus-error.js";
import type { StatisticsOptions } from "./look-at.js";
import { hasStatistics, reestimateStatistics } from "./reestimate.js";
import { repair } from "./repair.js";

/**
 * What may be done with a fused network, whatever the method:
 * - `none`: nothing; running statistics are what the method made of the inputs';
 * - `statistics`: running statistics are estimated on the joint data (where there are none, nothing is done);
 * - `repair`: REPAIR, which sets mean and standard deviation of every hidden unit to the inputs', and includes that.
 */
export const AFTERWARDS = ["none", "statistics", "repair"] as const;

/** One of {@link AFTERWARDS}. */
export type Afterwards = (typeof AFTERWARDS)[number];

/** Whether images are needed to do it. */
export const afterwardsNeedsData = (afterwards: Afterwards, model: Model): boolean =>
  afterwards === "repair" || (afterwards === "statistics" && hasStatistics(model));

/** What is to be done with a fused network, and on which images. */
export interface FinishFusionOptions extends StatisticsOptions {
  readonly afterwards: Afterwards;
  /** Joint training images. */
  readonly data?: LabeledData;
}

/**
 * Does what comes after any fusion ({@link AFTERWARDS}) to its result; everything else in the result stays as it is.
 *
 * @param inputs what was fused, in the order that `result.aligned` has
 * @throws `fusion/needs-data` (no images), `fusion/not-aligned` (REPAIR after a method that does not tell which units correspond),
 * `fusion/repair` (an architecture that it does not suit), `run/aborted`
 * @example
 * const fused = await average.fuse(inputs, {}, context);
 * const { model, params } = await finishFusion(fused, inputs, { afterwards: "statistics", data });
 */
export async function finishFusion(
  result: FusionResult,
  inputs: readonly Pick<FusionInput, "weight">[],
  { afterwards, data, ...options }: FinishFusionOptions,
): Promise<FusionResult> {
  const { model, params, aligned, estimated = false } = result;
  if (!afterwardsNeedsData(afterwards, model) || (afterwards === "statistics" && estimated)) return result;
  if (data === undefined || data.count === 0) {
    throw new IsthmusError({
      code: "fusion/needs-data",
      message:
        afterwards === "repair"
          ? "REPAIR measures the activations of networks on training images, and there are none."
          : `The running statistics of a fused ${model.spec.architecture} are estimated on training images, and there are none.`,
      hint: "Name a data set, or set `afterwards` to none.",
    });
  }
  if (afterwards === "statistics") {
    return { ...result, params: await reestimateStatistics(result, data, options), estimated: true };
  }
  if (aligned === undefined) {
    throw new IsthmusError({
      code: "fusion/not-aligned",
      message:
        "REPAIR cannot follow this fusion: its method does not tell which units of the inputs correspond.",
      hint: "Use it after a method that averages aligned networks, such as average or ot; or set `afterwards` to statistics or none.",
    });
  }
  const parts = aligned.map((own, i) => ({ params: own, weight: inputs[i].weight }));
  const repaired = await repair({ model, params }, parts, data, options);
  return { ...result, params: repaired, estimated: true };
}
