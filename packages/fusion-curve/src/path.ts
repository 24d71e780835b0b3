import {
  defineStep,
  evaluateCombinations,
  type Figure,
  type Params,
  type StepOutputs,
  sameBits,
} from "@isthmus/core";
import { z } from "zod";
import { barrier, evenly } from "./barrier.js";
import {
  type EvaluatedSplit,
  evaluationData,
  evaluationOptions,
  MEASURES,
  type Measure,
  measured,
} from "./evaluation-data.js";
import { type Curve, curveAt, type NamedNetwork, namedNetworks, wrongNetworks } from "./named-networks.js";
import { type DrawnProfile, pathFigure } from "./path-figure.js";

const options = z.strictObject({
  ...evaluationOptions,
  points: z.number().int().min(2).default(61).describe("evenly spaced values of t, both ends included"),
});

/** Options of evaluating along paths, resolved. */
export type PathOptions = z.output<typeof options>;

/** The straight line and, where there is one, the curve; what the ends are called. */
interface Paths {
  readonly line: readonly [Params, Params];
  readonly curve?: Curve;
  readonly ends: readonly [string, string];
}

/** Two networks, and a curve after them or alone: then the line joins the curve's ends. */
function readPaths(networks: readonly NamedNetwork[]): Paths {
  const at = networks.findIndex(({ curve }) => curve !== undefined);
  const curve = networks[at]?.curve;
  const between = curve === undefined ? networks : networks.slice(0, at);
  const [a, b] = between;
  if (between.length === 2 && networks.length <= 3) {
    const paths: Paths = { line: [a.params, b.params], ends: [a.name, b.name] };
    return curve === undefined ? paths : { ...paths, curve };
  }
  if (curve !== undefined && networks.length === 1) {
    const { points } = curve;
    return { line: [points[0], points[points.length - 1]], curve, ends: ["start", "end"] };
  }
  const names = networks.map(({ name }) => `"${name}"`).join(", ");
  throw wrongNetworks(
    `${names} ${networks.length > 1 ? "make" : "makes"} no path.`,
    "Name two networks, two and a curve between them, or a curve alone: a network made by the fusion method `curve`.",
  );
}

/** Everything that is passed as combinations of one basis, which holds each network once. */
function combinations({ line, curve }: Paths, t: readonly number[]) {
  const basis: Params[] = [...line];
  const places = (curve?.points ?? []).map((point) => {
    const known = basis.findIndex((each) => sameBits(each, point));
    return known >= 0 ? known : basis.push(point) - 1;
  });
  const row = (terms: readonly (readonly [number, number])[]) => {
    const coefficients = basis.map(() => 0);
    for (const [place, value] of terms) coefficients[place] += value;
    return coefficients;
  };
  const alongLine = t.map((each) =>
    row([
      [0, 1 - each],
      [1, each],
    ]),
  );
  const alongCurve =
    curve === undefined
      ? []
      : t.map((each) => row(curveAt(curve, each).map((value, k) => [places[k], value] as const)));
  return { basis, alongCurve, alongLine };
}

/** `line/test_loss` and the like. */
const keyOf = ({ path, split }: DrawnProfile, measure: Measure) =>
  `${path === "curve" ? "curve" : "line"}/${split}_${measure}`;

function outputsOf(
  t: readonly number[],
  profiles: readonly DrawnProfile[],
  ends: Paths["ends"],
): StepOutputs {
  const array = (values: readonly number[]) => ({ shape: [values.length], data: Float32Array.from(values) });
  const arrays: Record<string, ReturnType<typeof array>> = { t: array(t) };
  const summary: Record<string, number> = {};
  const figures: Record<string, Figure> = {};
  for (const measure of MEASURES) {
    for (const profile of profiles) {
      const key = keyOf(profile, measure);
      arrays[key] = array(profile[measure]);
      summary[`${key}_barrier`] = barrier({ t, values: profile[measure] });
      if (measure === "error") summary[`${key}_max`] = Math.max(...profile[measure]);
    }
    figures[`path-${measure}`] = pathFigure(profiles, t, measure, ends);
  }
  return { arrays, figures, summary, details: { ends } };
}

/**
 * Loss and error along the straight line between two networks and along a trained curve, at evenly spaced t, on all images of the
 * splits. Gives arrays `t`, `line/<split>_loss|error` and `curve/…`, a figure of each measure, and of every path both barriers
 * and the greatest error.
 *
 * @throws `landscape/networks`, `params/mismatch`, `data/shape`
 */
export const path = defineStep({
  name: "path",
  options,
  together: { atLeast: 1, atMost: 3 },
  dependencies: ({ dataset }) => ({
    contributions: [{ kind: "dataset", name: dataset.name }],
    dataset,
  }),
  async run({ networks: outputs = [] }, settings, context): Promise<StepOutputs> {
    const { model, networks } = namedNetworks(outputs, settings.names);
    const paths = readPaths(networks);
    const t = evenly(settings.points);
    const { basis, alongCurve, alongLine } = combinations(paths, t);
    const { splits, training: statisticsFrom } = await evaluationData(settings, context);
    const evaluateOn = async ({ name, data }: EvaluatedSplit): Promise<readonly DrawnProfile[]> => {
      const { signal, progress } = context;
      const points = [...alongCurve, ...alongLine];
      const results = await evaluateCombinations(model, basis, points, data, {
        signal,
        progress,
        statisticsFrom,
      });
      const profile = (path: DrawnProfile["path"], from: number): DrawnProfile => {
        const own = results.slice(from, from + t.length);
        const values = (measure: Measure) => own.map((each) => measured(each, measure));
        return { path, split: name, loss: values("loss"), error: values("error") };
      };
      const line = profile("straight line", alongCurve.length);
      return alongCurve.length === 0 ? [line] : [profile("curve", 0), line];
    };
    const profiles: DrawnProfile[] = [];
    for (const split of splits) profiles.push(...(await evaluateOn(split)));
    return outputsOf(t, profiles, paths.ends);
  },
});
