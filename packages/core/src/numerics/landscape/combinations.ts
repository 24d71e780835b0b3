import type { Evaluation } from "../../contracts/evaluation.js";
import type { LabeledData } from "../../contracts/labeled-data.js";
import type { Model } from "../../contracts/model.js";
import type { Params } from "../../contracts/params.js";
import { checkEvaluable, type EvaluateOptions, evaluate } from "../evaluate.js";
import { checkParams, linearCombination } from "../params.js";
import { reestimateStatistics } from "../statistics/reestimate.js";
import { evaluateStackCombinations } from "./stack-combinations.js";

/** How combinations are evaluated. */
export interface EvaluateCombinationsOptions extends EvaluateOptions {
  /**
   * Training images on which the running statistics of each network are estimated (Garipov et al. 2018, arXiv 1802.10026). Without
   * it they are combined like everything else, which fits no network between others. Where there are none, it plays no part.
   */
  readonly statisticsFrom?: LabeledData;
}

/**
 * Evaluates the networks θⱼ = Σᵢ coefficients[j][i] · basis[i] on all of `data`: a plane through three networks, a path along a
 * curve. Gives for each what `evaluate` gives, but for rounding.
 *
 * A stack of dense layers (`model.stack`) shares its largest product among all of them: X θⱼ = Σᵢ coefficients[j][i] · X basis[i]
 * in the first layer. Other networks, and fewer of them than the basis has, are evaluated one by one.
 *
 * `progress` counts the points in `points`.
 *
 * @throws `params/mismatch`, `data/shape` (another number of classes), `run/aborted`; RangeError if a point has another number
 * of coefficients than the basis has networks
 * @example
 * const t = [0, 0.5, 1];
 * await evaluateCombinations(model, [a, b], t.map((each) => [1 - each, each]), data); // the straight line
 */
export async function evaluateCombinations(
  model: Model,
  basis: readonly Params[],
  coefficients: readonly (readonly number[])[],
  data: LabeledData,
  { statisticsFrom, ...options }: EvaluateCombinationsOptions = {},
): Promise<Evaluation[]> {
  basis.forEach((params, i) => {
    checkParams(model, params, `network ${i} of the basis`);
  });
  const odd = coefficients.findIndex(({ length }) => length !== basis.length);
  if (odd >= 0) {
    throw new RangeError(
      `Point ${odd} has ${coefficients[odd].length} coefficients for a basis of ${basis.length} networks.`,
    );
  }
  checkEvaluable(model, data, options.batchSize ?? 1);
  if (model.stack !== undefined && coefficients.length > basis.length) {
    return evaluateStackCombinations(model.stack, basis, coefficients, data, options);
  }
  const { progress, ...rest } = options;
  const results: Evaluation[] = [];
  for (const each of coefficients) {
    const combined = linearCombination(each, basis);
    const params =
      statisticsFrom === undefined
        ? combined
        : await reestimateStatistics({ model, params: combined }, statisticsFrom, rest);
    results.push(await evaluate(model, params, data, rest));
    progress?.(results.length, coefficients.length, "points");
  }
  return results;
}
