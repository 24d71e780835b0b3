import type { Figure } from "@isthmus/core";

/** The longer side of the picture, px, as long as a unit can have a whole number of pixels. */
const SIDE = 400;
/** Most pixels of a unit. */
const LARGEST = 16;
/** Cells below this share of the largest have the color of an empty cell. */
const LEAST_SHARE = 1 / 256;
/** Plans with more cells than this to draw are pooled. */
const MOST_CELLS = 4000;
/** Units a side of a pooled plan. */
const POOLED = 60;
/** The color of no mass: the low end of viridis. */
const EMPTY = "#440154";

/** A cell of the picture: units from `source` and from `target` on, and the mass between them. */
interface Cell {
  readonly source: number;
  readonly target: number;
  readonly mass: number;
}

/**
 * A heat map of a plan `[n, m]`; rows are units of the model from the top, columns units of the target. Only cells that
 * carry mass are drawn, which exact plans of any size have few of. A large plan without that form is pooled: each
 * cell is then the greatest of a block, as the subtitle says.
 */
export function planFigure(title: string, plan: Float64Array, n: number, m: number): Figure {
  const exact = cellsOf(plan, n, m, 1);
  const block = exact.length > MOST_CELLS ? Math.ceil(Math.max(n, m) / POOLED) : 1;
  const cells = block > 1 ? cellsOf(plan, n, m, block) : exact;
  const step = Math.max(1, Math.min(LARGEST, Math.floor(SIDE / Math.max(n, m))));
  // A single unit of a pixel or two is hard to see: it is drawn half a unit larger on each side.
  const more = step * block < 3 ? 0.5 : 0;
  const subtitle = `${n} × ${m} units; each cell is the greatest of ${block} × ${block}`;
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: block > 1 ? { text: title, subtitle } : title,
    width: step * m,
    height: step * n,
    view: { fill: EMPTY, stroke: null },
    data: { values: cells.map((cell) => ({ ...cell })) },
    transform: [
      { calculate: `datum.target - ${more}`, as: "left" },
      { calculate: `datum.target + ${block + more}`, as: "right" },
      { calculate: `datum.source - ${more}`, as: "top" },
      { calculate: `datum.source + ${block + more}`, as: "bottom" },
    ],
    mark: { type: "rect", aria: false, clip: true },
    encoding: {
      x: { field: "left", ...axis(m, "unit of the target") },
      x2: { field: "right" },
      y: { field: "top", ...axis(n, "unit of the model", true) },
      y2: { field: "bottom" },
      color: {
        field: "mass",
        type: "quantitative",
        scale: { scheme: "viridis", domainMin: 0 },
        legend: { title: "mass", format: "~g" },
      },
      tooltip: ["source", "target", "mass"].map((field) => ({ field, type: "quantitative" })),
    },
  };
}

/** Blocks of `block` × `block` cells with the greatest mass in each; those without a visible one are left out. */
function cellsOf(plan: Float64Array, n: number, m: number, block: number): readonly Cell[] {
  const columns = Math.ceil(m / block);
  const greatest = new Float64Array(Math.ceil(n / block) * columns);
  for (let i = 0, k = 0; i < n; i++) {
    for (let j = 0; j < m; j++, k++) {
      const at = Math.floor(i / block) * columns + Math.floor(j / block);
      greatest[at] = Math.max(greatest[at], plan[k]);
    }
  }
  const least = LEAST_SHARE * greatest.reduce((x, y) => Math.max(x, y), 0);
  const cells: Cell[] = [];
  greatest.forEach((mass, at) => {
    if (mass > 0 && mass >= least) {
      cells.push({ source: block * Math.floor(at / columns), target: block * (at % columns), mass });
    }
  });
  return cells;
}

function axis(size: number, title: string, reverse = false): Figure {
  return {
    type: "quantitative",
    title,
    scale: { domain: [0, size], nice: false, zero: false, reverse },
    axis: { grid: false, domain: false, format: "d", tickMinStep: 1 },
  };
}
