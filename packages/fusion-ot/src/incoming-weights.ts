import {
  IsthmusError,
  type Network,
  type Params,
  sizeOf,
  type UnitAxis,
  type UnitGroup,
} from "@isthmus/core";
import type { UnitRows } from "./unit-rows.js";

/**
 * The incoming weights of each unit of `groups[index]`, kernel slices and bias side by side.
 *
 * A parameter counts if it is a weight or bias that feeds the units and all its other hidden axes belong to earlier
 * groups, which are aligned already. So a recurrent kernel, or a kernel that reads a later group into a residual
 * stream, does not count: its other axis has no common order yet.
 *
 * @throws `fusion/no-incoming-weights` where nothing is left to compare.
 */
export function incomingWeights(network: Network, groups: readonly UnitGroup[], index: number): UnitRows {
  return rowsOf(network.params, groups[index], comparableAxes(network, groups, index, ["weight", "bias"]));
}

/**
 * The same, but every kernel for itself and without biases: one matrix of rows for each layer that feeds the units.
 *
 * @throws `fusion/no-incoming-weights` where nothing is left to compare.
 */
export function incomingKernels(
  network: Network,
  groups: readonly UnitGroup[],
  index: number,
): readonly UnitRows[] {
  return comparableAxes(network, groups, index, ["weight"]).map((axis) =>
    rowsOf(network.params, groups[index], [axis]),
  );
}

function comparableAxes(
  { model }: Network,
  groups: readonly UnitGroup[],
  index: number,
  roles: readonly string[],
): readonly UnitAxis[] {
  const counted = new Set(
    model.parameters.filter(({ role }) => roles.includes(role)).map(({ name }) => name),
  );
  const unaligned = groups.slice(index).flatMap(({ axes }) => axes);
  const axes = groups[index].axes.filter(
    ({ parameter, axis, side }) =>
      side === "incoming" &&
      counted.has(parameter) &&
      !unaligned.some((other) => other.parameter === parameter && other.axis !== axis),
  );
  if (axes.length > 0) return axes;
  throw new IsthmusError({
    code: "fusion/no-incoming-weights",
    message: `The unit group "${groups[index].name}" of ${model.spec.architecture} has no incoming weights whose other axes are aligned before it.`,
    hint: 'Compare units by their activations: set the option cost to "activations", and importance to "none".',
  });
}

/** Slices of the parameters at each unit, side by side. */
function rowsOf(params: Params, { size }: UnitGroup, axes: readonly UnitAxis[]): UnitRows {
  const parts = axes.map(({ parameter, axis }) => {
    const { shape, data } = params.get(parameter)!;
    return { data, inner: sizeOf(shape.slice(axis + 1)), length: data.length / size };
  });
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const rows = new Float32Array(size * length);
  let offset = 0;
  for (const part of parts) {
    const outer = part.length / part.inner;
    for (let unit = 0; unit < size; unit++) {
      for (let o = 0; o < outer; o++) {
        const from = (o * size + unit) * part.inner;
        rows.set(part.data.subarray(from, from + part.inner), unit * length + offset + o * part.inner);
      }
    }
    offset += part.length;
  }
  return { units: size, length, data: rows, samples: 1 };
}
