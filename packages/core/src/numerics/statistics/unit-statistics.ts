import type { Network } from "../../contracts/fusion.js";
import type { LabeledData } from "../../contracts/labeled-data.js";
import { tf } from "../engine/tf.js";
import { lookAt, type StatisticsOptions } from "./look-at.js";

/** Mean and standard deviation of each unit of a group, over all images and all positions of a map. */
export interface UnitStatistics {
  readonly mean: Float64Array;
  /** √ of the mean square deviation, divided by the number of values. */
  readonly std: Float64Array;
  /** How often the group is reported in one pass. */
  readonly reports: number;
}

/** What is known of values seen so far: their number, mean, and sum of squared deviations. */
interface Moments {
  count: number;
  readonly mean: Float64Array;
  readonly squares: Float64Array;
}

/** Takes further values into account, of which number, mean and variance are known (Chan, Golub & LeVeque 1983). */
function join(all: Moments, count: number, mean: ArrayLike<number>, variance: ArrayLike<number>): void {
  const total = all.count + count;
  for (let i = 0; i < mean.length; i++) {
    const delta = mean[i] - all.mean[i];
    all.mean[i] += (delta * count) / total;
    all.squares[i] += count * variance[i] + (delta * delta * all.count * count) / total;
  }
  all.count = total;
}

/**
 * Statistics of the pre-activations of the named groups on all of `data`, from one pass; groups that are not reported are missing.
 * Of a batch they are computed by the engine, put together in double precision.
 *
 * @throws `params/mismatch`, `data/shape`, `run/aborted`
 */
export async function unitStatistics(
  network: Network,
  groups: readonly string[],
  data: LabeledData,
  options: StatisticsOptions = {},
): Promise<ReadonlyMap<string, UnitStatistics>> {
  const moments = new Map<string, Moments>();
  let counts: { group: string; values: number }[] = [];
  await lookAt(
    network,
    data,
    (found) => {
      counts = [];
      return {
        activation(group, stage, value) {
          if (stage !== "pre" || !groups.includes(group)) return;
          const axes = [...value.shape.keys()].slice(0, -1);
          const { mean, variance } = tf.moments(value, axes);
          const report = counts.length;
          found[`${report}/mean`] = mean;
          found[`${report}/variance`] = variance;
          counts.push({ group, values: value.size / mean.size });
        },
      };
    },
    {},
    options,
    (found) => {
      for (const [report, { group, values }] of counts.entries()) {
        const mean = found.get(`${report}/mean`) as Float32Array;
        const zeros = () => new Float64Array(mean.length);
        const all = moments.get(group) ?? { count: 0, mean: zeros(), squares: zeros() };
        join(all, values, mean, found.get(`${report}/variance`) as Float32Array);
        moments.set(group, all);
      }
    },
  );
  return new Map(
    [...moments].map(([group, { count, mean, squares }]) => [
      group,
      {
        mean,
        std: squares.map((sum) => Math.sqrt(sum / count)),
        reports: counts.filter((each) => each.group === group).length,
      },
    ]),
  );
}
