import type { Network } from "../../contracts/fusion.js";
import type { LabeledData } from "../../contracts/labeled-data.js";
import type { Model } from "../../contracts/model.js";
import type { ArrayValue, Params } from "../../contracts/params.js";
import { lookAt, type StatisticsOptions } from "./look-at.js";

/** True where a network has running statistics: of batch normalization. */
export const hasStatistics = ({ parameters }: Model): boolean =>
  parameters.some(({ role }) => role === "buffer");

/**
 * The network's weights with running statistics estimated anew: of each, the mean over the batches of one pass through `data`,
 * Σ nᵦ sᵦ / Σ nᵦ for batches of nᵦ images with statistics sᵦ (Izmailov et al. 2018, arXiv 1803.05407; Garipov et al. 2018,
 * arXiv 1802.10026), not the exponential average of training. Every layer normalizes each batch by the batch's own statistics
 * meanwhile, as while training, but dropout is off. Old statistics play no part. Batches are always the same for data of one size.
 *
 * A network without running statistics is given back, and a buffer that the architecture does not report stays as it is.
 *
 * @throws `params/mismatch`, `data/shape`, `run/aborted`
 * @example
 * const params = await reestimateStatistics({ model, params: averaged }, trainingImages);
 */
export async function reestimateStatistics(
  network: Network,
  data: LabeledData,
  options: StatisticsOptions = {},
): Promise<Params> {
  if (!hasStatistics(network.model)) return network.params;
  const sums = new Map<string, Float64Array>();
  await lookAt(
    network,
    data,
    (found) => ({
      buffer: (parameter, value) => {
        found[parameter] = value;
      },
    }),
    { estimating: true },
    options,
    (found, images) => {
      for (const [name, values] of found) {
        const sum = sums.get(name) ?? new Float64Array(values.length);
        for (let i = 0; i < sum.length; i++) sum[i] += images * values[i];
        sums.set(name, sum);
      }
    },
  );
  const estimates = [...sums].map(([name, sum]) => {
    const { shape } = network.params.get(name) as ArrayValue;
    return [name, { shape, data: Float32Array.from(sum, (value) => value / data.count) }] as const;
  });
  return new Map([...network.params, ...estimates]);
}
