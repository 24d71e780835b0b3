import type { Figure } from "@isthmus/core";

/** An axis of numbers. */
interface Across {
  readonly field: string;
  readonly title: string;
  readonly scale?: object;
  readonly axis?: object;
}

/** What tells lines apart, and in which order they are listed. */
interface Lines {
  readonly field: string;
  readonly title: string;
  readonly domain: readonly (string | number)[];
}

/** Pixels on and off. Those next to each other leave gaps for each other's colors. */
const DASHES = [
  [1, 0],
  [9, 5],
  [2, 4],
  [8, 3, 2, 3],
  [4, 4],
  [14, 6],
];

/** Color (and dash) of lines that are names: told apart by people with any color vision, also where one lies on another. */
export function namedLines({ field, title, domain }: Lines): {
  readonly color: object;
  readonly strokeDash: object;
} {
  const legend = { symbolType: "stroke", symbolOpacity: 1, symbolStrokeWidth: 2, symbolSize: 400 };
  const named = { field, type: "nominal", title, legend };
  return {
    color: { ...named, scale: { domain } },
    strokeDash: { ...named, scale: { domain, range: DASHES } },
  };
}

/** Color of lines that come one after another: from dark to light, but for what would vanish on white. */
export function orderedLines({ field, title, domain }: Lines): { readonly color: object } {
  const legend = { symbolType: "stroke", symbolOpacity: 1, symbolStrokeWidth: 2 };
  const scale = { domain, scheme: { name: "viridis", extent: [0, 0.9] } };
  return { color: { field, type: "ordinal", title, scale, legend } };
}

/** Lines of `mean` with bands from `low` to `high`, as a layered figure. */
export function bandedLine(
  values: readonly object[],
  x: Across,
  y: string,
  { color, strokeDash }: { readonly color: object; readonly strokeDash?: object },
): Figure {
  const across = { ...x, type: "quantitative" };
  const upward = { type: "quantitative", title: y };
  return {
    layer: [
      {
        mark: { type: "area", opacity: 0.2 },
        encoding: { x: across, y: { field: "low", ...upward }, y2: { field: "high" }, color },
      },
      {
        mark: { type: "line" },
        encoding: {
          x: across,
          y: { field: "mean", ...upward },
          color,
          ...(strokeDash === undefined ? {} : { strokeDash }),
        },
      },
      {
        mark: { type: "circle", size: 18, opacity: 1 },
        encoding: { x: across, y: { field: "mean", ...upward }, color },
      },
    ],
    data: { values },
  } as unknown as Figure;
}
