import { describe, expect, it } from "vitest";
import { matrixFigure } from "./matrix-figure.js";
import { memoryFigure } from "./memory-figure.js";
import { seenFigure, tasksFigure } from "./progress-figures.js";
import type { RowMatrices } from "./row-matrices.js";

/** A row of two tasks and two seeds: 100 % and 50 % of each task when it comes; .8, then .6, or .4 of the first at the end. */
const row = (name: string, more: Partial<RowMatrices> = {}): RowMatrices => ({
  row: name,
  group: name,
  memory: null,
  matrices: [
    [
      [1, 0],
      [0.8, 0.5],
    ],
    [
      [1, 0.2],
      [0.4, 0.5],
    ],
  ],
  ...more,
});
const joint: RowMatrices = { ...row("joint"), matrices: [[[0.9, 0.7]]] };
const sized = (size: number): RowMatrices =>
  row(`mpf-${size}`, { group: "mpf", memory: { size, per: "task" } });

interface Scale {
  readonly domain: readonly string[];
  readonly range: readonly unknown[];
}

/** Bands, lines, points. */
interface Layered {
  readonly layer: readonly [unknown, { readonly encoding: Record<"color" | "strokeDash", { scale: Scale }> }];
}

interface Drawn {
  readonly data: { readonly values: readonly Record<string, unknown>[] };
  readonly resolve?: unknown;
  readonly facet?: { readonly field: string; readonly title: string | null };
}
const drawn = (figure: unknown): Drawn => figure as Drawn;

describe("figures of a stream", () => {
  it("show the mean over seeds of every accuracy, in percent, and no learner that learns once", () => {
    const { values } = drawn(matrixFigure([joint, row("avg")])).data;
    expect(
      values.map(({ learned, task, accuracy }) => [learned, task, Math.round(accuracy as number)]),
    ).toEqual([
      [1, 1, 100],
      [1, 2, 10],
      [2, 1, 60],
      [2, 2, 50],
    ]);
  });

  it("have bands of one population standard deviation over the seeds", () => {
    const { values } = drawn(seenFigure([row("avg")])).data;
    // After the second task .65 and .45 of both: .55 ± .1.
    expect(values[1]?.mean).toBeCloseTo(55, 10);
    expect(values[1]?.low).toBeCloseTo(45, 10);
    expect(values[1]?.high).toBeCloseTo(65, 10);
    const tasks = drawn(tasksFigure([row("avg")])).data.values;
    expect(tasks).toHaveLength(3);
    expect(tasks[1]).toMatchObject({ task: 1, learned: 2 });
    expect(tasks[1]?.low).toBeCloseTo(40, 10);
    expect(tasks[1]?.high).toBeCloseTo(80, 10);
  });

  it("show the way of each size in a panel of its own, and learners without a memory in all of them", () => {
    const { data, facet, resolve } = drawn(seenFigure([row("naive"), sized(4), sized(8)]));
    expect(facet).toMatchObject({ field: "memory", title: "images in memory for each task" });
    // A common axis would also be drawn where the last line has no panel.
    expect(resolve).toEqual({ axis: { x: "independent" } });
    const panels = data.values.map((value) => `${value.row} ${value.memory}`);
    expect([...new Set(panels)]).toEqual(["naive 4", "naive 8", "mpf 4", "mpf 8"]);
  });

  it("show accuracy by the size of the memory where there are several, and level lines without one", () => {
    expect(memoryFigure([joint, sized(4)])).toBeUndefined();
    const { values } = drawn(memoryFigure([joint, sized(4), sized(16)])).data;
    expect(values.map(({ group, memory, mean }) => [group, memory, Math.round(mean as number)])).toEqual([
      ["joint", 4, 80],
      ["joint", 16, 80],
      ["mpf", 4, 55],
      ["mpf", 16, 55],
    ]);
    const total: RowMatrices = { ...sized(16), memory: { size: 16, per: "total" } };
    expect(JSON.stringify(memoryFigure([sized(4), total]))).toContain('"images in memory"');
  });

  it("give every learner a color and a dash of its own, the same in each figure", () => {
    const rows = [joint, row("naive"), sized(4), sized(8)];
    const lookOf = (figure: unknown, channel: "color" | "strokeDash"): ReadonlyMap<string, unknown> => {
      const { spec, layer } = figure as Layered & { readonly spec?: Layered };
      const [, line] = spec?.layer ?? layer;
      const { domain, range } = line.encoding[channel].scale;
      return new Map(domain.map((name, i) => [name, range[i]]));
    };
    for (const channel of ["color", "strokeDash"] as const) {
      const memory = lookOf(memoryFigure(rows), channel);
      expect([...memory.keys()]).toEqual(["joint", "naive", "mpf"]);
      expect(new Set([...memory.values()].map((each) => JSON.stringify(each))).size).toBe(3);
      const seen = lookOf(seenFigure(rows), channel);
      expect([...seen.keys()]).toEqual(["naive", "mpf"]);
      for (const [name, look] of seen) expect(look).toEqual(memory.get(name));
    }
  });
});
