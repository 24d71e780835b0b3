import {
  type FusionContext,
  type FusionInput,
  IsthmusError,
  linearCombination,
  type Model,
  type Network,
  type Params,
} from "@isthmus/core";
import { activations, drawProbe } from "./activations.js";
import { incomingWeights } from "./incoming-weights.js";
import type { OtOptions } from "./options.js";
import type { UnitRows } from "./unit-rows.js";

/** Where the rows come from by which units are compared. `aligned` are the inputs' weights, moved in all groups before `group`. */
export interface UnitSource {
  ofTarget(group: number, aligned: readonly Params[]): Promise<UnitRows>;
  ofInput(input: number, group: number, aligned: readonly Params[]): Promise<UnitRows>;
}

/** Units compared by their incoming weights, which for the inputs read from units already in the target's order. */
export function byWeights(inputs: readonly FusionInput[], target: Network): UnitSource {
  return {
    ofTarget: async (group) => incomingWeights(target, group),
    ofInput: async (input, group, aligned) =>
      incomingWeights({ model: inputs[input].model, params: aligned[input] }, group),
  };
}

/**
 * Units compared by their activations on random images. An input's come from its own weights; the target's too, or
 * from a target that takes the fused weights of every layer that is aligned (`targetActivations: fused`).
 *
 * @throws `fusion/needs-data` without data.
 */
export async function byActivations(
  inputs: readonly FusionInput[],
  target: Network,
  { activation, activationSamples, pixels, targetActivations }: OtOptions,
  { data, rng }: Pick<FusionContext, "data" | "rng">,
): Promise<UnitSource> {
  if (data === undefined || data.count === 0) {
    throw new IsthmusError({
      code: "fusion/needs-data",
      message: "Optimal-transport fusion with cost activations needs training images, and there are none.",
      hint: 'Name a data set, or set the option cost to "weights".',
    });
  }
  const probe = drawProbe(data, activationSamples, pixels, rng.fork("activation-images"));
  const names = target.model.symmetry.map(({ name }) => name);
  const own: ReadonlyMap<string, UnitRows>[] = [];
  for (const input of inputs) own.push(await activations(input, names, activation, probe));
  const original =
    targetActivations === "original" ? await activations(target, names, activation, probe) : undefined;
  return {
    ofTarget: async (group, aligned) => {
      const name = names[group];
      if (original !== undefined) return original.get(name)!;
      const params = partlyFused(target, group, inputs, aligned);
      return (await activations({ model: target.model, params }, [name], activation, probe)).get(name)!;
    },
    ofInput: async (input, group) => own[input].get(names[group])!,
  };
}

/** The target's weights, with the average of the aligned ones wherever a parameter has no axis in groups from `group` on. */
function partlyFused(
  target: Network,
  group: number,
  inputs: readonly FusionInput[],
  aligned: readonly Params[],
): Params {
  const settled = settledParameters(target.model, group);
  const fused = linearCombination(
    inputs.map(({ weight }) => weight),
    aligned.map((params) => new Map([...params].filter(([name]) => settled.has(name)))),
  );
  return new Map([...target.params, ...fused]);
}

function settledParameters({ parameters, symmetry }: Model, group: number): Set<string> {
  const open = new Set(symmetry.slice(group).flatMap(({ axes }) => axes.map(({ parameter }) => parameter)));
  return new Set(parameters.map(({ name }) => name).filter((name) => !open.has(name)));
}
