import { type FusionInput, IsthmusError, initialize, type Network, type Rng } from "@isthmus/core";
import type { OtOptions } from "./options.js";

/** The network to align to; `input` is its index among the inputs, undefined for a random one. */
export interface Target extends Network {
  readonly input: number | undefined;
}

/**
 * Picks one of the inputs, or makes a random network of the last input's architecture.
 *
 * @throws `fusion/no-inputs`, `fusion/no-such-target`
 */
export function chooseTarget(inputs: readonly FusionInput[], target: OtOptions["target"], rng: Rng): Target {
  const last = inputs.length - 1;
  if (last < 0) {
    throw new IsthmusError({
      code: "fusion/no-inputs",
      message: "Optimal-transport fusion was given no networks.",
      hint: "Name at least two networks to fuse.",
    });
  }
  if (target === "random") {
    const { model } = inputs[last];
    return { model, params: initialize(model, rng.fork("target")), input: undefined };
  }
  const input = target === "first" ? 0 : target === "last" ? last : target;
  if (input > last) {
    throw new IsthmusError({
      code: "fusion/no-such-target",
      message: `The option target is ${input}, but the ${inputs.length} networks to fuse are numbered from 0 to ${last}.`,
      hint: "Name one of these, or first, last or random.",
    });
  }
  return { model: inputs[input].model, params: inputs[input].params, input };
}
