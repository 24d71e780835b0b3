import { checkParams, defineFusion, IsthmusError, linearCombination, throwIfAborted } from "@isthmus/core";
import { z } from "zod";

const options = z.strictObject({});

/** Options of averaging: none; the networks' weights come with the networks. */
export type AverageOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface FusionOptions {
    average: AverageOptions;
  }
}

const OTHER_SHAPES =
  "Average networks of one architecture with equal widths; those of different widths can be fused by the method ot.";

/**
 * θ = Σ wᵢ θᵢ with Σ wᵢ = 1, parameter by parameter, summed in double precision. Any number of networks of one
 * architecture with equal widths.
 *
 * @throws `fusion/no-inputs`, `params/mismatch`
 */
export const average = defineFusion({
  meta: {
    name: "average",
    title: "Weight averaging",
    description: "The weighted mean of the networks' parameters.",
    paper: { title: "Wortsman et al. 2022, Model soups", url: "https://arxiv.org/abs/2203.05482" },
    needs: ["weights"],
    laws: { identity: "exact" },
  },
  options,
  async fuse(inputs, _options, { signal }) {
    throwIfAborted(signal);
    const [first] = inputs;
    if (first === undefined) {
      throw new IsthmusError({
        code: "fusion/no-inputs",
        message: "Averaging was given no networks.",
        hint: "Name at least one network in `of`.",
      });
    }
    inputs.forEach(({ params }, i) => {
      checkParams(first.model, params, `network ${i + 1} of the average`, OTHER_SHAPES);
    });
    const aligned = inputs.map((input) => input.params);
    const params = linearCombination(
      inputs.map(({ weight }) => weight),
      aligned,
    );
    return { model: first.model, params, aligned };
  },
});
