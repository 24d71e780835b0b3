import { defineStep, evaluateCombinations, type Figure, type StepOutputs } from "@isthmus/core";
import { z } from "zod";
import { barrier, evenly } from "./barrier.js";
import { barriersFigure } from "./barriers-figure.js";
import { evaluationData, evaluationOptions, MEASURES, measured } from "./evaluation-data.js";
import { namedNetworks, wrongNetworks } from "./named-networks.js";

const options = z.strictObject({
  ...evaluationOptions,
  points: z
    .number()
    .int()
    .min(2)
    .default(61)
    .describe("evenly spaced values of t on each line, both ends included"),
});

/** Options of measuring barriers, resolved. */
export type BarrierOptions = z.output<typeof options>;

/** Every pair of `count` networks, the lesser place first. */
function pairsOf(count: number): readonly (readonly [number, number])[] {
  return Array.from({ length: count }, (_, i) => i).flatMap((i) =>
    Array.from({ length: count - i - 1 }, (_, k) => [i, i + 1 + k] as const),
  );
}

/** Points (1-t) θᵢ + t θⱼ of every pair, one pair after the other. */
function linesOf(pairs: readonly (readonly [number, number])[], t: readonly number[], count: number) {
  return pairs.flatMap(([i, j]) =>
    t.map((each) => Array.from({ length: count }, (_, k) => (k === i ? 1 - each : k === j ? each : 0))),
  );
}

/**
 * Barriers of loss (nats) and error (percentage points) on the straight line between any two of the networks, on all images of the
 * splits: max over t of L(t) - ((1-t) L(0) + t L(1)). Gives arrays `<split>_loss|error`, `[networks, networks]`, and with them
 * what was measured on the lines, `<split>_loss|error_lines`, `[pairs, points]`; the pairs in `details`; for three networks and
 * more a figure of each array; and the greatest barriers.
 *
 * @throws `landscape/networks`, `params/mismatch`, `data/shape`
 */
export const barriers = defineStep({
  name: "barrier",
  options,
  together: { atLeast: 2 },
  dependencies: ({ dataset }) => ({
    contributions: [{ kind: "dataset", name: dataset.name }],
    dataset,
  }),
  async run({ networks: outputs = [] }, settings, context): Promise<StepOutputs> {
    const { model, networks } = namedNetworks(outputs, settings.names);
    const names = networks.map(({ name }) => name);
    const basis = networks.map(({ params }) => params);
    if (networks.length < 2) {
      throw wrongNetworks(
        `A barrier lies between two networks, but only "${names[0]}" was named.`,
        "Name at least two.",
      );
    }
    const count = basis.length;
    const t = evenly(settings.points);
    const pairs = pairsOf(count);
    const points = linesOf(pairs, t, count);
    const { signal, progress } = context;
    const arrays: Record<string, { shape: number[]; data: Float32Array }> = {
      t: { shape: [t.length], data: Float32Array.from(t) },
    };
    const figures: Record<string, Figure> = {};
    const summary: Record<string, number> = {};
    const details: Record<string, number>[] = pairs.map(() => ({}));
    const { splits, training: statisticsFrom } = await evaluationData(settings, context);
    for (const { name: split, data } of splits) {
      const results = await evaluateCombinations(model, basis, points, data, {
        signal,
        progress,
        statisticsFrom,
      });
      for (const measure of MEASURES) {
        const key = `${split}_${measure}`;
        const values = results.map((each) => measured(each, measure));
        const matrix = new Float32Array(count * count);
        pairs.forEach(([i, j], p) => {
          const height = barrier({ t, values: values.slice(p * t.length, (p + 1) * t.length) });
          details[p][key] = height;
          matrix[i * count + j] = height;
          matrix[j * count + i] = height;
        });
        arrays[key] = { shape: [count, count], data: matrix };
        arrays[`${key}_lines`] = { shape: [pairs.length, t.length], data: Float32Array.from(values) };
        summary[`barrier/${key}`] = Math.max(...details.map((each) => each[key]));
        if (count > 2) figures[`barrier-${split}-${measure}`] = barriersFigure(matrix, names, split, measure);
      }
    }
    return {
      arrays,
      figures,
      summary,
      details: { names, pairs: pairs.map(([i, j], p) => ({ of: [names[i], names[j]], ...details[p] })) },
    };
  },
});
