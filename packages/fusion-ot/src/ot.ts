import {
  type ArrayValue,
  defineFusion,
  type Figure,
  type FusionMethod,
  linearCombination,
  throwIfAborted,
} from "@isthmus/core";
import { checkCompatible } from "./compatible.js";
import { couple } from "./coupling.js";
import { groundCost } from "./ground-cost.js";
import { moveUnits } from "./move-units.js";
import { type OtOptions, otOptions } from "./options.js";
import { planFigure } from "./plan-figure.js";
import { chooseTarget } from "./target.js";
import { byActivations, byWeights } from "./unit-source.js";

/**
 * Optimal-transport fusion (Singh and Jaggi 2020, arXiv 1910.05653), for any number of networks of equal or different
 * widths. Group by group of hidden units, from the input on: the cost of carrying unit i of a model to unit j of the
 * target is the distance of their incoming weights (or activations), the transport plan T between uniform masses tells
 * which units correspond, and every weight that feeds or reads them is moved along T. Then the aligned weights are
 * averaged, `θ = sum_k weight_k θ_k`. Inputs and outputs keep their order.
 *
 * Gives the plans as `plan/<model>/<group>`, `[units of the model, units of the target]`, and heat maps of the small ones.
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
  async fuse(inputs, options, context) {
    throwIfAborted(context.signal);
    const target = chooseTarget(inputs, options.target, context.rng);
    checkCompatible(inputs, target.model);
    const source =
      options.cost === "weights"
        ? byWeights(inputs, target)
        : await byActivations(inputs, target, options, context);

    const aligned = inputs.map(({ params }) => params);
    const arrays: Record<string, ArrayValue> = {};
    const figures: Record<string, Figure> = {};
    const { symmetry } = target.model;
    for (const [g, { name, size }] of symmetry.entries()) {
      const goal = await source.ofTarget(g, aligned);
      for (const [k, { model }] of inputs.entries()) {
        if (k === target.input) continue;
        await nextTask();
        throwIfAborted(context.signal);
        const group = model.symmetry[g];
        const cost = groundCost(await source.ofInput(k, g, aligned), goal, options.squared);
        const coupling = couple(cost, group.size, size, options);
        aligned[k] = moveUnits(aligned[k], group, coupling);

        const key = `plan/${k}/${name}`;
        arrays[key] = { shape: [group.size, size], data: Float32Array.from(coupling.plan) };
        const figure = planFigure(`Transport of ${name}, model ${k}`, coupling.plan, group.size, size);
        if (figure !== undefined) figures[key] = figure;
        if (options.solver === "sinkhorn") {
          context.metrics({ [`sinkhorn/marginal-error/${k}`]: coupling.marginalError }, g);
        }
      }
      context.progress(g + 1, symmetry.length, "groups");
    }
    const params = linearCombination(
      inputs.map(({ weight }) => weight),
      aligned,
    );
    return { model: target.model, params, arrays, figures };
  },
});

/** Lets timers and signals have their turn: a large group takes seconds. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
