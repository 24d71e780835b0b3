import { IsthmusError, type Model, type UnitGroup } from "@isthmus/core";

/** Name of the group that the outputs make. */
export const OUTPUT = "output";

/**
 * The outputs as a group of units: the last axis of every weight that feeds no hidden unit, and of its bias.
 *
 * @throws `fusion/no-output-layer` where no weight ends in the classes.
 */
export function outputGroup({ spec, parameters, symmetry }: Model): UnitGroup {
  const { classes } = spec.task;
  const hidden = symmetry.flatMap(({ axes }) => axes);
  const axes = parameters.flatMap(({ name, shape, role }) => {
    const axis = shape.length - 1;
    const taken = hidden.some(
      (other) => other.parameter === name && (other.side === "incoming" || other.axis === axis),
    );
    const layer = role === "weight" || role === "bias";
    return layer && !taken && shape[axis] === classes
      ? [{ parameter: name, axis, side: "incoming" } as const]
      : [];
  });
  const feeds = axes.some(({ parameter }) =>
    parameters.some(({ name, role }) => name === parameter && role === "weight"),
  );
  if (feeds) return { name: OUTPUT, size: classes, axes };
  throw new IsthmusError({
    code: "fusion/no-output-layer",
    message: `${spec.architecture} has no weight that feeds the ${classes} outputs alone.`,
    hint: 'Leave the outputs in their order: set the option lastLayer to "keep".',
  });
}
