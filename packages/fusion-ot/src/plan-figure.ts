import type { Figure } from "@isthmus/core";

/** Plans with more units than this on a side are not drawn: a heat map of so many cells shows nothing. */
const MOST_UNITS = 60;

/** A heat map of a plan `[n, m]` (rows: units of the model, columns: units of the target); undefined for large plans. */
export function planFigure(title: string, plan: Float64Array, n: number, m: number): Figure | undefined {
  if (n > MOST_UNITS || m > MOST_UNITS) return undefined;
  const values = Array.from(plan, (mass, k) => ({ source: Math.floor(k / m), target: k % m, mass }));
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title,
    data: { values },
    mark: "rect",
    width: { step: 10 },
    height: { step: 10 },
    encoding: {
      x: { field: "target", type: "ordinal", title: "unit of the target", axis: { labelOverlap: true } },
      y: { field: "source", type: "ordinal", title: "unit of the model", axis: { labelOverlap: true } },
      color: { field: "mass", type: "quantitative", title: "mass" },
    },
  };
}
