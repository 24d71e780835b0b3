import {
  type FusionContext,
  type FusionInput,
  IsthmusError,
  linearCombination,
  type Network,
  type Params,
  type UnitGroup,
} from "@isthmus/core";
import { activations, drawProbe } from "./activations.js";
import { incomingKernels, incomingWeights } from "./incoming-weights.js";
import type { OtOptions } from "./options.js";
import type { UnitRows } from "./unit-rows.js";

/** An input with the unit groups of its model. */
export interface GroupedInput extends FusionInput {
  readonly groups: readonly UnitGroup[];
}

/** The target with the unit groups of its model. */
export interface GroupedTarget extends Network {
  readonly groups: readonly UnitGroup[];
}

/** The weights of the inputs as far as they have been moved, in all groups before the current one. */
export interface Moved {
  /** Both sides of every group moved: units are compared by these. */
  readonly aligned: readonly Params[];
  /** What will be averaged. */
  readonly applied: readonly Params[];
}

/**
 * Where the rows come from by which units are compared: one matrix, or several of which each has a plan of its own.
 */
export interface UnitSource {
  ofTarget(group: number, moved: Moved): Promise<readonly UnitRows[]>;
  ofInput(input: number, group: number, moved: Moved): Promise<readonly UnitRows[]>;
}

/** Units compared by their incoming weights, which for the inputs read from units already in the target's order. */
export function byWeights(
  inputs: readonly GroupedInput[],
  target: GroupedTarget,
  { joins }: Pick<OtOptions, "joins">,
): UnitSource {
  const rows = (network: Network, groups: readonly UnitGroup[], group: number) =>
    joins === "averaged"
      ? incomingKernels(network, groups, group)
      : [incomingWeights(network, groups, group)];
  return {
    ofTarget: async (group) => rows(target, target.groups, group),
    ofInput: async (input, group, { aligned }) => {
      const { model, groups } = inputs[input];
      return rows({ model, params: aligned[input] }, groups, group);
    },
  };
}

/**
 * Units compared by their activations on random images. An input's come from its own weights; the target's too, or
 * from a target that takes the fused weights of every layer that is aligned (`targetActivations: fused`).
 *
 * @throws `fusion/needs-data` without data.
 */
export async function byActivations(
  inputs: readonly GroupedInput[],
  target: GroupedTarget,
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
  const names = target.groups.map(({ name }) => name);
  const own: ReadonlyMap<string, UnitRows>[] = [];
  for (const input of inputs) own.push(await activations(input, names, activation, probe));
  const original =
    targetActivations === "original" ? await activations(target, names, activation, probe) : undefined;
  return {
    ofTarget: async (group, { applied }) => {
      const name = names[group];
      if (original !== undefined) return [original.get(name)!];
      const params = partlyFused(target, group, inputs, applied);
      const found = await activations({ model: target.model, params }, [name], activation, probe);
      return [found.get(name)!];
    },
    ofInput: async (input, group) => [own[input].get(names[group])!],
  };
}

/** The target's weights, with the average of the inputs' wherever a parameter has no axis in groups from `group` on. */
function partlyFused(
  target: GroupedTarget,
  group: number,
  inputs: readonly FusionInput[],
  applied: readonly Params[],
): Params {
  const open = new Set(
    target.groups.slice(group).flatMap(({ axes }) => axes.map(({ parameter }) => parameter)),
  );
  const fused = linearCombination(
    inputs.map(({ weight }) => weight),
    applied.map((params) => new Map([...params].filter(([name]) => !open.has(name)))),
  );
  return new Map([...target.params, ...fused]);
}
