import { type Figure, rowColors } from "@isthmus/core";

/** An axis of numbers. */
interface Across {
  readonly field: string;
  readonly title: string;
  readonly scale?: object;
  readonly axis?: object;
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

/**
 * Color and dash of learners: told apart by people with any color vision, also where one lies on another.
 *
 * @param domain the learners that are drawn
 * @param table all learners of the table; the place in it gives a learner the same looks in every figure
 */
export function learnerLines(
  field: string,
  domain: readonly string[],
  table: readonly string[],
): { readonly color: object; readonly strokeDash: object } {
  const legend = { symbolType: "stroke", symbolOpacity: 1, symbolStrokeWidth: 2, symbolSize: 400 };
  const named = { field, type: "nominal", title: "learner", legend };
  const colors = rowColors(table);
  const dashes = domain.map((name) => DASHES[table.indexOf(name) % DASHES.length]);
  return {
    color: { ...named, scale: { domain, range: domain.map((name) => colors.get(name)) } },
    strokeDash: { ...named, scale: { domain, range: dashes } },
  };
}

/** Color of tasks, the first the darkest; what would vanish on white is left out. */
export function taskLines(tasks: number): { readonly color: object } {
  const legend = { symbolType: "stroke", symbolOpacity: 1, symbolStrokeWidth: 2 };
  const domain = Array.from({ length: tasks }, (_, j) => j + 1);
  const scale = { domain, scheme: { name: "viridis", extent: [0, 0.9] } };
  return { color: { field: "task", type: "ordinal", title: "task", scale, legend } };
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
