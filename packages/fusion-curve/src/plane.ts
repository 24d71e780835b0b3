import {
  defineStep,
  type EvaluateCombinationsOptions,
  evaluateCombinations,
  type Figure,
  IsthmusError,
  linearCombination,
  type Model,
  type Params,
  type Plane,
  planeGrid,
  planeThrough,
  type StepOutputs,
  trainedNames,
} from "@isthmus/core";
import { z } from "zod";
import { evenly } from "./barrier.js";
import {
  type EvaluatedSplit,
  evaluationData,
  evaluationOptions,
  MEASURE_TITLES,
  MEASURES,
  measured,
} from "./evaluation-data.js";
import { type Curve, curveAt, type NamedNetwork, namedNetworks } from "./named-networks.js";
import { readCorners } from "./plane-corners.js";
import { planeFigure } from "./plane-figure.js";
import type { PlaneMark } from "./plane-picture.js";

const options = z.strictObject({
  ...evaluationOptions,
  steps: z.number().int().min(2).max(500).default(21).describe("points of the grid on each side"),
  margin: z
    .number()
    .min(0)
    .default(0.25)
    .describe("room on every side of what is drawn, as a share of its width or height"),
  points: z.number().int().min(2).default(61).describe("points at which the curve is drawn"),
});

/** Options of evaluating a plane, resolved. */
export type PlaneOptions = z.output<typeof options>;

function planeOf(model: Model, corners: readonly NamedNetwork[]): Plane {
  const [a, b, c] = corners;
  try {
    return planeThrough(a.params, b.params, c.params, trainedNames(model));
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new IsthmusError({
      code: "landscape/no-plane",
      message: `"${a.name}", "${b.name}" and "${c.name}" lie on one line, or two of them are the same network: there is no one plane through them.`,
      hint: "Name three networks that differ, none of them an average of the others.",
      cause,
    });
  }
}

/** Where the curve passes above the plane: coordinates and distance at evenly spaced t. */
function projectCurve(plane: Plane, curve: Curve, count: number) {
  return evenly(count).map((t) => plane.project(linearCombination(curveAt(curve, t), curve.points)));
}

/** `train_loss` and the like, of every network given by coefficients of the basis. */
async function evaluated(
  model: Model,
  basis: readonly Params[],
  coefficients: readonly (readonly number[])[],
  splits: readonly EvaluatedSplit[],
  options: EvaluateCombinationsOptions,
): Promise<Readonly<Record<string, readonly number[]>>> {
  const values: Record<string, readonly number[]> = {};
  for (const { name, data } of splits) {
    const results = await evaluateCombinations(model, basis, coefficients, data, options);
    for (const measure of MEASURES)
      values[`${name}_${measure}`] = results.map((each) => measured(each, measure));
  }
  return values;
}

/** Which arrays are drawn: training loss and test error, or both measures of a single split. */
function drawn(splits: readonly EvaluatedSplit[]): readonly string[] {
  return splits.length > 1
    ? ["train_loss", "test_error"]
    : MEASURES.map((measure) => `${splits[0].name}_${measure}`);
}

/**
 * Loss and error on a grid of the plane through three networks (Garipov et al. 2018, arXiv 1802.10026), on all images of the
 * splits. The corners are the first three networks; a network made by `curve` gives those that are missing: its middle bend after
 * two networks, its ends and the middle bend if it is the first. All other networks are marked where they project to.
 *
 * Gives arrays `x`, `y` (distance in weight space; the first network is the origin, the second lies on the x axis),
 * `<split>_loss|error` `[y, x]`, `curve/x|y|distance`; in `details` the marks with their own loss and error, measured at the
 * networks themselves; and the filled contours of training loss and test error as figures.
 *
 * @throws `landscape/networks`, `landscape/no-plane`, `params/mismatch`, `data/shape`
 */
export const plane = defineStep({
  name: "plane",
  options,
  together: { atLeast: 1 },
  dependencies: ({ dataset }) => ({
    contributions: [{ kind: "dataset", name: dataset.name }],
    dataset,
  }),
  async run({ networks: outputs = [] }, settings, context): Promise<StepOutputs> {
    const { model, networks } = namedNetworks(outputs, settings.names);
    const { corners, others, curve } = readCorners(networks);
    const surface = planeOf(model, corners);
    const { splits, training: statisticsFrom } = await evaluationData(settings, context);
    const { signal, progress } = context;
    const marks: PlaneMark[] = [];
    for (const { name, params, combined } of [...corners, ...others]) {
      const own = await evaluated(model, [params], [[1]], splits, {
        signal,
        ...(combined ? { statisticsFrom } : {}),
      });
      const values = Object.fromEntries(Object.entries(own).map(([key, [value]]) => [key, value]));
      marks.push({ name, ...surface.project(params), values });
    }
    const way = curve === undefined ? [] : projectCurve(surface, curve, settings.points);
    const { steps, margin } = settings;
    const { x, y, coefficients } = planeGrid(surface, { steps, margin, around: [...marks, ...way] });
    const basis = corners.map(({ params }) => params);
    const grids = await evaluated(model, basis, coefficients, splits, { signal, progress, statisticsFrom });

    const array = (values: readonly number[], shape = [values.length]) => ({
      shape,
      data: Float32Array.from(values),
    });
    const arrays = { x: array(x), y: array(y) } as Record<string, ReturnType<typeof array>>;
    const figures: Record<string, Figure> = {};
    const summary: Record<string, number> = { "plane/width": surface.corners[1].x };
    for (const [key, values] of Object.entries(grids)) {
      arrays[key] = array(values, [steps, steps]);
      summary[`plane/least_${key}`] = Math.min(...values);
    }
    for (const coordinate of ["x", "y", "distance"] as const) {
      if (way.length > 0) arrays[`curve/${coordinate}`] = array(way.map((point) => point[coordinate]));
    }
    for (const key of drawn(splits)) {
      const [split, measure] = key.split("_") as ["train" | "test", (typeof MEASURES)[number]];
      const title = `${split} ${MEASURE_TITLES[measure]}`;
      figures[`plane-${split}-${measure}`] = planeFigure({ x, y, grids, key, title, marks, curve: way });
    }
    const corner = (name: string, i: number) => ({ name, ...surface.corners[i] });
    return {
      arrays,
      figures,
      summary,
      details: { corners: corners.map(({ name }, i) => corner(name, i)), marks: marks.map(flat) },
    };
  },
});

/** A mark as one JSON object. */
function flat({ values, ...mark }: PlaneMark) {
  return { ...mark, ...values };
}
