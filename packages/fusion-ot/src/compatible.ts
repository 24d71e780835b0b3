import { checkParams, type FusionInput, IsthmusError, type Model } from "@isthmus/core";

/** What must agree: unit groups with their axes in order, and every size that is not a number of hidden units. */
function outline({ parameters, symmetry }: Model): Map<string, string> {
  const sizes = new Map(parameters.map(({ name, shape }) => [name, shape.map(String)]));
  const lines = new Map<string, string>();
  for (const { name, axes } of symmetry) {
    for (const { parameter, axis } of axes) sizes.get(parameter)![axis] = name;
    const places = axes.map(({ parameter, axis, side }) => `${parameter}[${axis}] ${side}`).sort();
    lines.set(`unit group "${name}"`, places.join(", "));
  }
  for (const [name, axes] of sizes) lines.set(`parameter "${name}"`, `[${axes.join(", ")}]`);
  return lines;
}

/**
 * Refuses networks whose units cannot be matched: they must have the same layers and differ in nothing but the numbers
 * of their hidden units; weights must fit their model and be finite.
 *
 * @throws `fusion/different-structure`, `fusion/not-finite`, `params/mismatch`
 */
export function checkCompatible(inputs: readonly FusionInput[], target: Model): void {
  const expected = outline(target);
  inputs.forEach(({ model, params }, k) => {
    checkParams(model, params, `Model ${k} of the fusion`);
    const found = outline(model);
    for (const key of new Set([...expected.keys(), ...found.keys()])) {
      const [wanted, given] = [expected.get(key) ?? "nothing", found.get(key) ?? "nothing"];
      if (wanted === given) continue;
      throw new IsthmusError({
        code: "fusion/different-structure",
        message: `Model ${k} cannot be aligned: its ${key} is ${given}, the target's is ${wanted}.`,
        hint: "Optimal-transport fusion takes networks of one architecture that differ only in the widths of hidden layers.",
      });
    }
    for (const [name, { data }] of params) {
      if (data.every(Number.isFinite)) continue;
      throw new IsthmusError({
        code: "fusion/not-finite",
        message: `Model ${k} cannot be aligned: its parameter "${name}" has entries that are not finite numbers.`,
        hint: "Its training has probably diverged; train it again with a smaller learning rate.",
      });
    }
  });
}

/**
 * Refuses networks whose groups are not as wide as the target's.
 *
 * @throws `fusion/unequal-widths`
 */
export function checkWidths(inputs: readonly FusionInput[], target: Model): void {
  const [expected, ...widths] = [target, ...inputs.map(({ model }) => model)].map(({ symmetry }) =>
    symmetry.map(({ size }) => size).join("-"),
  );
  const k = widths.findIndex((each) => each !== expected);
  if (k < 0) return;
  throw new IsthmusError({
    code: "fusion/unequal-widths",
    message: `Model ${k} has layers of ${widths[k]} units, the target of ${expected}; without past correction, weights keep their columns, which then don't fit.`,
    hint: "Set the option pastCorrection to true, or fuse networks of equal widths.",
  });
}
