import {
  defineStep,
  type Evaluation,
  evaluateCombinations,
  type Figure,
  IsthmusError,
  LabeledImages,
  type Model,
  type Params,
  type StepOutputs,
} from "@isthmus/core";
import { z } from "zod";
import { type CurveFamily, curveCoefficients } from "./families.js";

const options = z.strictObject({
  seed: z.number().int().min(0).describe("seed of the run; nothing is drawn from it"),
  dataset: z.strictObject({ name: z.string(), options: z.json() }).describe("data set to evaluate on"),
  split: z.enum(["train", "test"]).default("test").describe("which images"),
  points: z.number().int().min(2).default(61).describe("evenly spaced values of t, both ends included"),
});

/** Options of evaluating along a curve, resolved. */
export type CurveEvaluationOptions = z.output<typeof options>;

const details = z.object({ family: z.enum(["bezier", "polychain"]), points: z.number().int().min(2) });

/** Loss (nats) and error (percent) at evenly spaced t. */
interface Profile {
  readonly t: readonly number[];
  readonly loss: readonly number[];
  readonly error: readonly number[];
}

/** max over t of L(t) - ((1-t) L(0) + t L(1)), at least 0 because the ends count (Frankle et al. 2020, arXiv 1912.05671). */
export function barrier({ t, loss }: Pick<Profile, "t" | "loss">): number {
  const [start, end] = [loss[0], loss[loss.length - 1]];
  return Math.max(...loss.map((value, i) => value - ((1 - t[i]) * start + t[i] * end)));
}

function curvePoints({ extra, details: raw, network }: StepOutputs): {
  model: Model;
  family: CurveFamily;
  points: Params[];
} {
  const parsed = details.safeParse(raw);
  const points = parsed.success
    ? Array.from({ length: parsed.data.points }, (_, k) => extra?.[`point${k}`])
    : [];
  if (!parsed.success || network === undefined || points.includes(undefined)) {
    throw new IsthmusError({
      code: "curve/not-a-curve",
      message: "The network to evaluate along its curve was not made by the fusion method `curve`.",
      hint: "Name a network fused by `curve` in `of`.",
    });
  }
  return { model: network.model, family: parsed.data.family, points: points as Params[] };
}

function profileFigure(
  rows: readonly { path: string; profile: Profile }[],
  field: "loss" | "error",
  title: string,
): Figure {
  const values = rows.flatMap(({ path, profile }) =>
    profile.t.map((t, i) => ({ path, t, value: profile[field][i] })),
  );
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    width: 360,
    height: 240,
    data: { values },
    mark: { type: "line", point: { size: 18 } },
    encoding: {
      x: {
        field: "t",
        type: "quantitative",
        title: "t (0: first network, 1: second)",
        scale: { domain: [0, 1] },
      },
      y: { field: "value", type: "quantitative", title },
      color: { field: "path", type: "nominal", title: "path", legend: { symbolType: "stroke" } },
      strokeDash: { field: "path", type: "nominal", title: "path", legend: { symbolType: "stroke" } },
    },
  };
}

/**
 * Loss and error along a trained curve and along the straight line between its ends, on all images of a split.
 * Gives arrays `curve/t|loss|error` and `line/loss|error`, two figures, and the barriers of both paths.
 */
export const curveEvaluation = defineStep({
  name: "curve-evaluation",
  options,
  dependencies: ({ dataset }) => ({
    contributions: [{ kind: "dataset", name: dataset.name }],
    dataset,
  }),
  async run({ networks = [] }, { dataset, split, points: count }, context): Promise<StepOutputs> {
    const { model, family, points } = curvePoints(networks[0] ?? {});
    const data = new LabeledImages(await context.dataset(dataset), split);
    const t = Array.from({ length: count }, (_, i) => i / (count - 1));
    // Both paths are combinations of the curve's points: the line passes by those between its ends.
    const onCurve = t.map((each) => curveCoefficients(family, points.length, each));
    const onLine = t.map((each) =>
      points.map((_, k) => (k === 0 ? 1 - each : k === points.length - 1 ? each : 0)),
    );
    const { signal, progress } = context;
    const results = await evaluateCombinations(model, points, [...onCurve, ...onLine], data, {
      signal,
      progress,
    });
    const profileOf = (path: readonly Evaluation[]): Profile => ({
      t,
      loss: path.map(({ loss }) => loss),
      error: path.map(({ accuracy }) => 100 * (1 - accuracy)),
    });
    const alongCurve = profileOf(results.slice(0, count));
    const alongLine = profileOf(results.slice(count));
    const rows = [
      { path: "curve", profile: alongCurve },
      { path: "straight line", profile: alongLine },
    ];
    const array = (values: readonly number[]) => ({
      shape: [values.length],
      data: Float32Array.from(values),
    });
    const worst = (values: readonly number[]) => Math.max(...values);
    return {
      arrays: {
        "curve/t": array(t),
        "curve/loss": array(alongCurve.loss),
        "curve/error": array(alongCurve.error),
        "line/loss": array(alongLine.loss),
        "line/error": array(alongLine.error),
      },
      figures: {
        "curve-loss": profileFigure(rows, "loss", `${split} loss (nats)`),
        "curve-error": profileFigure(rows, "error", `${split} error (%)`),
      },
      summary: {
        "curve/barrier": barrier(alongCurve),
        "curve/max_error": worst(alongCurve.error),
        "line/barrier": barrier(alongLine),
        "line/max_error": worst(alongLine.error),
      },
    };
  },
});
