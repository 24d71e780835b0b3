import { IsthmusError, type Network, sizeOf, type UnitAxis } from "@isthmus/core";
import type { UnitRows } from "./unit-rows.js";

/**
 * The incoming weights of each unit of group `index`, kernel slices and bias side by side.
 *
 * A parameter counts if it is a weight or bias that feeds the units and all its other hidden axes belong to earlier
 * groups, which are aligned already. So a recurrent kernel, or a kernel that reads a later group into a residual
 * stream, does not count: its other axis has no common order yet.
 *
 * @throws `fusion/no-incoming-weights` where nothing is left to compare.
 */
export function incomingWeights({ model, params }: Network, index: number): UnitRows {
  const group = model.symmetry[index];
  const roles = new Map(model.parameters.map(({ name, role }) => [name, role]));
  const unaligned = model.symmetry.slice(index).flatMap(({ axes }) => axes);
  const comparable = ({ parameter, axis, side }: UnitAxis) =>
    side === "incoming" &&
    (roles.get(parameter) === "weight" || roles.get(parameter) === "bias") &&
    !unaligned.some((other) => other.parameter === parameter && other.axis !== axis);

  const parts = group.axes.filter(comparable).map(({ parameter, axis }) => {
    const { shape, data } = params.get(parameter)!;
    const inner = sizeOf(shape.slice(axis + 1));
    return { data, inner, length: data.length / group.size };
  });
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  if (length === 0) {
    throw new IsthmusError({
      code: "fusion/no-incoming-weights",
      message: `The unit group "${group.name}" of ${model.spec.architecture} has no incoming weights whose other axes are aligned before it.`,
      hint: 'Compare units by their activations: set the option cost to "activations".',
    });
  }
  const rows = new Float32Array(group.size * length);
  let offset = 0;
  for (const part of parts) {
    const outer = part.length / part.inner;
    for (let unit = 0; unit < group.size; unit++) {
      for (let o = 0; o < outer; o++) {
        const from = (o * group.size + unit) * part.inner;
        rows.set(part.data.subarray(from, from + part.inner), unit * length + offset + o * part.inner);
      }
    }
    offset += part.length;
  }
  return { units: group.size, length, data: rows };
}
