import type { Network } from "../../contracts/fusion.js";
import type { LabeledData } from "../../contracts/labeled-data.js";
import type { Model, UnitAxis, UnitGroup } from "../../contracts/model.js";
import type { ArrayValue, Params } from "../../contracts/params.js";
import { IsthmusError } from "../../errors/isthmus-error.js";
import type { StatisticsOptions } from "./look-at.js";
import { reestimateStatistics } from "./reestimate.js";
import { scaleAxis } from "./scale-axis.js";
import { type UnitStatistics, unitStatistics } from "./unit-statistics.js";

/** A network that went into a fusion, its units in the order of the result's, and its share. */
export interface RepairInput {
  readonly params: Params;
  readonly weight: number;
}

/** What the units of a group are to have. */
type Goal = Pick<UnitStatistics, "mean" | "std">;

/** A unit whose standard deviation is less than this share of the one wanted counts as constant: there is nothing to scale. */
const CONSTANT = 1e-6;

const incoming = ({ axes }: UnitGroup): UnitAxis[] => axes.filter(({ side }) => side === "incoming");

function refuse(model: Model, group: UnitGroup, why: string): IsthmusError {
  return new IsthmusError({
    code: "fusion/repair",
    message: `REPAIR cannot set the statistics of the unit group "${group.name}" of ${model.spec.architecture}: ${why}.`,
    hint: "Set `afterwards` to statistics or none, or use an architecture with batch normalization.",
  });
}

/** Whether the units of a group are normalized with running statistics, which the roles of what feeds them tell. */
function isNormalized(model: Model, group: UnitGroup): boolean {
  const roles = new Map(model.parameters.map(({ name, role }) => [name, role]));
  const found = new Set(incoming(group).map(({ parameter }) => roles.get(parameter)));
  if (found.has("buffer")) return true;
  if (found.has("scale")) throw refuse(model, group, "its scale belongs to no running statistics");
  const reading = group.axes.filter(({ side }) => side === "outgoing").map(({ parameter }) => parameter);
  const recurrent = incoming(group).find(({ parameter }) => reading.includes(parameter));
  if (recurrent !== undefined)
    throw refuse(
      model,
      group,
      `its own values feed it ("${recurrent.parameter}"), from one time to the next`,
    );
  return false;
}

/** Mean and standard deviation that each group is to have: those of the inputs, weighted. */
async function goalsOf(
  model: Model,
  groups: readonly UnitGroup[],
  inputs: readonly RepairInput[],
  data: LabeledData,
  options: StatisticsOptions,
): Promise<ReadonlyMap<string, Goal>> {
  const names = groups.map(({ name }) => name);
  const goals = new Map(
    groups.map(({ name, size }) => [name, { mean: new Float64Array(size), std: new Float64Array(size) }]),
  );
  for (const { params, weight } of inputs) {
    const found = await unitStatistics({ model, params }, names, data, options);
    for (const group of groups) {
      const { mean, std, reports = 0 } = found.get(group.name) ?? {};
      if (mean === undefined || std === undefined)
        throw refuse(model, group, "the architecture does not report its pre-activations");
      if (reports > 1)
        throw refuse(model, group, "several layers write to it one after the other, without normalization");
      const goal = goals.get(group.name) as Goal;
      for (let unit = 0; unit < group.size; unit++) {
        goal.mean[unit] += weight * mean[unit];
        goal.std[unit] += weight * std[unit];
      }
    }
  }
  return goals;
}

/** Weights with pre-activations x of a group made into goal + s (x - mean), s the ratio of standard deviations. */
function moveGroup(model: Model, params: Params, group: UnitGroup, goal: Goal, now: UnitStatistics): Params {
  const scale = goal.std.map((std, unit) => (now.std[unit] > CONSTANT * std ? std / now.std[unit] : 1));
  const roles = new Map(model.parameters.map(({ name, role }) => [name, role]));
  const moved = new Map(params);
  let bias: string | undefined;
  for (const { parameter, axis } of incoming(group)) {
    const value = scaleAxis(moved.get(parameter) as ArrayValue, axis, scale);
    moved.set(parameter, value);
    if (roles.get(parameter) === "bias" && value.data.length === group.size) bias ??= parameter;
  }
  if (bias === undefined) return moved;
  const { shape, data } = moved.get(bias) as ArrayValue;
  const shifted = data.map((value, unit) => value + (goal.mean[unit] - scale[unit] * now.mean[unit]));
  return moved.set(bias, { shape, data: shifted });
}

/** Scale and bias of every normalization of a group as the weighted means of the inputs', the scale's size with its sign kept. */
function moveNormalized(
  model: Model,
  params: Params,
  group: UnitGroup,
  inputs: readonly RepairInput[],
): Params {
  const roles = new Map(model.parameters.map(({ name, role }) => [name, role]));
  const moved = new Map(params);
  for (const { parameter } of incoming(group)) {
    const { shape, data } = params.get(parameter) as ArrayValue;
    const mean = (unit: number, of: (value: number) => number) =>
      inputs.reduce(
        (sum, input) => sum + input.weight * of((input.params.get(parameter) as ArrayValue).data[unit]),
        0,
      );
    if (roles.get(parameter) === "bias")
      moved.set(parameter, { shape, data: data.map((_, unit) => mean(unit, (value) => value)) });
    if (roles.get(parameter) === "scale") {
      const signed = (value: number, unit: number) => (value < 0 ? -1 : 1) * mean(unit, Math.abs);
      moved.set(parameter, { shape, data: data.map(signed) });
    }
  }
  return moved;
}

/**
 * REPAIR (Jordan et al. 2022, arXiv 2211.08403): the fused network's weights with the pre-activations x of every hidden unit scaled
 * and shifted to the weighted mean of its inputs' statistics on `data`,
 *
 *     x ← Σᵢ wᵢ μᵢ + s (x - μ),   s = Σᵢ wᵢ σᵢ / σ,
 *
 * folded into what feeds the unit. Group by group in forward order, each measured in the network that is repaired so far: so the
 * statistics are those wanted, not only nearly, as they are where all layers are repaired in one pass. That takes a pass through
 * `data` for every input and for every group.
 *
 * - Without a bias nothing can be shifted: the units are scaled alone, x ← s x, and have the standard deviation that is wanted.
 * - Where units are normalized, the output of a normalization has its bias as mean and its scale as standard deviation. These are
 *   set to the weighted means of the inputs' (the scale's sign stays), and running statistics are estimated anew; so every branch
 *   that is normalized before it is added to a residual stream is repaired by itself, as in the paper.
 * - A unit that is constant, or nearly, is shifted only.
 *
 * A recurrent group is refused: its values at one time feed those at the next, and one scale cannot suit all times. So is a residual
 * stream without normalization, whose writers add to each other.
 *
 * `progress` counts groups.
 *
 * @param inputs the networks that were fused, in the units of the result
 * @throws `fusion/repair`, `params/mismatch`, `data/shape`, `run/aborted`
 */
export async function repair(
  { model, params }: Network,
  inputs: readonly RepairInput[],
  data: LabeledData,
  { progress, ...options }: StatisticsOptions = {},
): Promise<Params> {
  const normalized = new Set(model.symmetry.filter((group) => isNormalized(model, group)));
  const others = model.symmetry.filter((group) => !normalized.has(group));
  const goals = others.length === 0 ? new Map() : await goalsOf(model, others, inputs, data, options);
  let repaired = params;
  for (const group of normalized) repaired = moveNormalized(model, repaired, group, inputs);
  repaired = await reestimateStatistics({ model, params: repaired }, data, options);
  for (const [i, group] of others.entries()) {
    progress?.(i, others.length, "groups");
    const found = await unitStatistics({ model, params: repaired }, [group.name], data, options);
    const now = found.get(group.name) as UnitStatistics;
    repaired = moveGroup(model, repaired, group, goals.get(group.name) as Goal, now);
    repaired = await reestimateStatistics({ model, params: repaired }, data, options);
  }
  progress?.(others.length, others.length, "groups");
  return repaired;
}
