import {
  type ArrayValue,
  defineFusion,
  type Figure,
  type FusionMethod,
  linearCombination,
  type Model,
  type Params,
  throwIfAborted,
  type UnitGroup,
} from "@isthmus/core";
import { checkCompatible, checkWidths } from "./compatible.js";
import { couple, meanCoupling } from "./coupling.js";
import { groundCost } from "./ground-cost.js";
import { unitMasses } from "./masses.js";
import { moveUnits } from "./move-units.js";
import { type OtOptions, otOptions } from "./options.js";
import { outputGroup } from "./output-group.js";
import { planFigure } from "./plan-figure.js";
import { chooseTarget } from "./target.js";
import { unitMap } from "./unit-map.js";
import { byActivations, byWeights } from "./unit-source.js";

/**
 * Optimal-transport fusion (Singh and Jaggi 2020, arXiv 1910.05653), for any number of networks of equal or different
 * widths. Group by group of hidden units, from the input on: the cost of carrying unit i of a model to unit j of the
 * target is the distance of their incoming weights (or activations), the transport plan T between their masses tells
 * which units correspond, and every weight that feeds or reads them is moved along T. Then the aligned weights are
 * averaged, `θ = sum_k weight_k θ_k`. Inputs of the networks keep their order, and outputs unless they are asked to move.
 *
 * Gives the plans as `plan/<model>/<group>`, `[units of the model, units of the target]`, heat maps of them, and the
 * weights of every model in the target's order (`aligned`).
 */
export const ot: FusionMethod<OtOptions> = defineFusion<OtOptions>({
  meta: {
    name: "ot",
    title: "Optimal-transport fusion",
    description:
      "Averages networks after transporting the hidden units of each onto those of a target network.",
    paper: {
      title: "Singh and Jaggi 2020, Model Fusion via Optimal Transport",
      url: "https://arxiv.org/abs/1910.05653",
    },
    needs: ["weights", "data"],
    laws: { identity: "up-to-symmetry" },
  },
  options: otOptions,
  async fuse(networks, options, context) {
    throwIfAborted(context.signal);
    const chosen = chooseTarget(networks, options.target, context.rng);
    checkCompatible(networks, chosen.model);
    if (!options.pastCorrection) checkWidths(networks, chosen.model);
    const inputs = networks.map((each) => ({ ...each, groups: groupsOf(each.model, options) }));
    const target = { ...chosen, groups: groupsOf(chosen.model, options) };
    const source =
      options.cost === "weights"
        ? byWeights(inputs, target, options)
        : await byActivations(inputs, target, options, context);

    const aligned = inputs.map(({ params }) => params);
    const applied = [...aligned];
    const arrays: Record<string, ArrayValue> = {};
    const figures: Record<string, Figure> = {};
    for (const [g, { name, size }] of target.groups.entries()) {
      const goals = await source.ofTarget(g, { aligned, applied });
      const b = unitMasses(target, target.groups, g, options);
      for (const [k, input] of inputs.entries()) {
        if (k === target.input) continue;
        await nextTask();
        throwIfAborted(context.signal);
        const group = input.groups[g];
        const a = unitMasses(input, input.groups, g, options);
        const rows = await source.ofInput(k, g, { aligned, applied });
        const { plan, record } = meanCoupling(
          rows.map((each, part) => couple(groundCost(each, goals[part], options), a, b, options)),
        );
        const map = unitMap(plan, group.size, size, options);
        aligned[k] = moveUnits(aligned[k], group, map);
        applied[k] = options.pastCorrection ? aligned[k] : moveUnits(applied[k], group, map, ["incoming"]);

        const key = `plan/${k}/${name}`;
        arrays[key] = { shape: [group.size, size], data: Float32Array.from(plan) };
        figures[key] = planFigure(`Transport of ${name}, model ${k}`, plan, group.size, size);
        const values = Object.entries(record).map(([metric, value]) => [`${metric}/${k}`, value]);
        if (values.length > 0) context.metrics(Object.fromEntries(values), g);
      }
      context.progress(g + 1, target.groups.length, "groups");
    }
    const moved =
      options.lastLayer === "target" ? withLastLayer(applied, target.model, target.params) : applied;
    const params = linearCombination(
      inputs.map(({ weight }) => weight),
      moved,
    );
    return { model: target.model, params, arrays, figures, aligned: moved };
  },
});

/** Groups whose units are transported, in forward order. */
function groupsOf(model: Model, { lastLayer }: OtOptions): readonly UnitGroup[] {
  return lastLayer === "transport" ? [...model.symmetry, outputGroup(model)] : model.symmetry;
}

/** The weights with those of the last layer taken from `params`. */
function withLastLayer(weights: readonly Params[], model: Model, params: Params): readonly Params[] {
  const last = outputGroup(model).axes.map(({ parameter }) => [parameter, params.get(parameter)!] as const);
  return weights.map((each) => new Map([...each, ...last]));
}

/** Lets timers and signals have their turn: a large group takes seconds. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
