import {
  type ArrayValue,
  checkParams,
  defineFusion,
  type FusionInput,
  IsthmusError,
  linearCombination,
  type Params,
  throwIfAborted,
} from "@isthmus/core";
import { z } from "zod";

const options = z.strictObject({
  scale: z
    .number()
    .default(0.5)
    .describe("what the merged task vector is multiplied with before it is added to θ₀"),
});

/** Options of MagMax, resolved. */
export type MagMaxOptions = z.output<typeof options>;

declare module "@isthmus/core" {
  interface FusionOptions {
    magmax: MagMaxOptions;
  }
}

/** θ₀ + λ τ of one parameter, τ being entry by entry the θᵢ - θ₀ that is largest in magnitude, the later of equals. */
function farthest(base: ArrayValue, values: readonly ArrayValue[], scale: number): ArrayValue {
  const data = base.data.map((start, i) => {
    let way = 0;
    for (const { data: own } of values) {
      const candidate = own[i] - start;
      if (Math.abs(candidate) >= Math.abs(way)) way = candidate;
    }
    return start + scale * way;
  });
  return { shape: base.shape, data };
}

function checkInputs(inputs: readonly FusionInput[], base: Params | undefined): asserts base is Params {
  const [first] = inputs;
  if (first === undefined || base === undefined) {
    throw new IsthmusError({
      code: "fusion/no-inputs",
      message: `MagMax was given ${first === undefined ? "no networks" : "no common ancestor"}.`,
      hint: "Name at least one network in `of`, and the network that all were trained from as `base`.",
    });
  }
  checkParams(first.model, base, "the common ancestor of MagMax");
  inputs.forEach(({ params }, i) => {
    checkParams(first.model, params, `network ${i + 1} of MagMax`);
  });
}

/**
 * MagMax (Marczak et al. 2024): with task vectors τᵢ = θᵢ - θ₀, each entry of the result is θ₀ + λ τⱼ, τⱼ being the one of
 * largest magnitude there; of equal ones the later network's. Running statistics are averaged. The networks' fusion weights play no
 * other part.
 *
 * @throws `fusion/no-inputs`, `params/mismatch`
 */
export const magmax = defineFusion({
  meta: {
    name: "magmax",
    title: "MagMax",
    description: "Each weight moves from the common ancestor as the network did that moved it farthest.",
    paper: {
      title: "Marczak et al. 2024, MagMax: Leveraging model merging for seamless continual learning",
      url: "https://arxiv.org/abs/2407.06322",
    },
    needs: ["weights", "base"],
    laws: { identity: "none" },
  },
  options,
  async fuse(inputs, { scale }, { base, signal }) {
    throwIfAborted(signal);
    checkInputs(inputs, base);
    const [{ model }] = inputs;
    const all = inputs.map(({ params }) => params);
    const mean = linearCombination(
      inputs.map(({ weight }) => weight),
      all,
    );
    const params = new Map(
      model.parameters.map(({ name, role }) => {
        if (role === "buffer") return [name, mean.get(name) as ArrayValue];
        const values = all.map((each) => each.get(name) as ArrayValue);
        return [name, farthest(base.get(name) as ArrayValue, values, scale)];
      }),
    );
    return { model, params, aligned: all };
  },
});
