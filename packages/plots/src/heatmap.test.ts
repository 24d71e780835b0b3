import { describe, expect, it } from "vitest";
import { decodePng, type Pixels } from "../test/pixels.js";
import { type HeatmapInput, heatmap } from "./heatmap.js";
import { renderPng } from "./render-png.js";
import { renderSvg } from "./render-svg.js";

/** The ends of viridis as its authors publish them. */
const dark = [68, 1, 84] as const;
const bright = [253, 231, 37] as const;

/** A matrix of zeros with a one at each of the places. */
function sparse(rows: number, columns: number, ones: readonly (readonly [number, number])[]): HeatmapInput {
  const values = new Float32Array(rows * columns);
  for (const [row, column] of ones) values[row * columns + column] = 1;
  return { values, rows, columns };
}

/** The plot's pixels: from the first to the last dark one, without the color scale to the right. */
function plotArea(picture: Pixels) {
  const isPlot = (x: number, y: number) =>
    [dark, bright].some((c) => picture.at(x, y).slice(0, 3).join() === c.join());
  let [left, top] = [0, 0];
  while (!Array.from({ length: picture.height }).some((_, y) => isPlot(left, y))) left++;
  while (!isPlot(left, top) && !isPlot(left + 5, top)) top++;
  return { left, top };
}

describe("heatmap", () => {
  it.each([
    ["rectangles", 20],
    ["an image", 120],
  ])("draws row 0 at the top and column 0 at the left as %s", async (_, n) => {
    const picture = decodePng(await renderPng(heatmap(sparse(n, n, [[0, n - 1]])), { scale: 1 }));
    const { left, top } = plotArea(picture);
    const cell = 360 / n;
    const middle = (i: number) => Math.floor((i + 0.5) * cell);
    const color = (row: number, column: number) =>
      picture.at(left + middle(column), top + middle(row)).slice(0, 3);
    expect(color(0, n - 1)).toEqual([...bright]);
    expect(color(0, 0)).toEqual([...dark]);
    expect(color(n - 1, 0)).toEqual([...dark]);
    expect(color(n - 1, n - 1)).toEqual([...dark]);
  });

  it("draws up to 3600 elements as rectangles and more as one image", async () => {
    const small = await renderSvg(heatmap(sparse(60, 60, [[3, 4]])));
    const large = await renderSvg(heatmap(sparse(61, 60, [[3, 4]])));
    expect(small).not.toContain("<image");
    expect(small.match(/mark-rect role-mark/g)).toHaveLength(1);
    expect(large.match(/<image/g)).toHaveLength(1);
    expect(large.length).toBeLessThan(small.length / 10);
  });

  it("draws every entry of a permutation far larger than the picture, with sharp edges", async () => {
    const n = 1500;
    const ones = Array.from({ length: n }, (_, i) => [i, (i * 7) % n] as const);
    const input = sparse(n, n, ones);
    const blocks = new Set(ones.map(([row, column]) => `${Math.floor(row / 3)},${Math.floor(column / 3)}`));
    const picture = decodePng(await renderPng(heatmap(input)));
    const onScale = decodePng(await renderPng(heatmap(sparse(n, n, [])))).count(bright);
    expect(picture.count(bright) - onScale).toBe(4 * blocks.size);
    expect(await renderSvg(heatmap(input))).toContain("each pixel is the greatest of 3 × 3 elements");
  });

  it("leaves elements that are not finite gray", async () => {
    for (const n of [10, 100]) {
      const values = new Float64Array(n * n).fill(Number.NaN, 0, n);
      const picture = decodePng(await renderPng(heatmap({ values, rows: n, columns: n }), { scale: 1 }));
      const side = 36 * 10 * (n === 10 ? 1 : 300 / 360);
      expect(picture.count([217, 217, 217]) / ((side * side) / n)).toBeCloseTo(1, 1);
    }
  });

  it("names rows, columns, axes and color scale, repeated names included", async () => {
    const svg = await renderSvg(
      heatmap({
        values: [1, 2, 3, 4],
        rows: 2,
        columns: 2,
        title: "Accuracy",
        xTitle: "evaluated on",
        yTitle: "after",
        valueTitle: "percent",
        rowLabels: ["same", "same"],
        columnLabels: ["first", `"second"`],
      }),
    );
    for (const text of ["Accuracy", "evaluated on", "after", "percent", "first", `"second"`]) {
      expect(svg.replaceAll("&quot;", '"')).toContain(`>${text}</text>`);
    }
    expect(svg.match(/>same<\/text>/g)).toHaveLength(2);
  });

  it("says where each index is: a label stands beside the middle of its row", async () => {
    const svg = await renderSvg(heatmap(sparse(4, 4, [[0, 0]])));
    const axis = /role-axis-label[^>]*>(.*?)<\/g>/g;
    const [, rows = ""] = [...svg.matchAll(axis)].map(([, labels]) => labels);
    const heights = [...rows.matchAll(/translate\(-?[\d.]+,(-?[\d.]+)\)[^>]*>(\d)</g)].map(([, y, i]) => [
      Number(i),
      Number(y),
    ]);
    expect(heights).toHaveLength(4);
    for (const [i, y] of heights)
      expect(Math.abs((y as number) - ((i as number) + 0.5) * 90)).toBeLessThan(6);
  });

  it.each<[string, Partial<HeatmapInput>]>([
    ["as many values as do not fit", { values: [1, 2, 3] }],
    ["no rows", { values: [], rows: 0 }],
    ["labels for other rows", { rowLabels: ["only one"] }],
    ["a domain without width", { domain: [1, 1] }],
    ["a domain without end", { domain: [0, Number.POSITIVE_INFINITY] }],
  ])("refuses %s", (_, wrong) => {
    expect(() => heatmap({ values: [1, 2, 3, 4], rows: 2, columns: 2, ...wrong })).toThrow(
      expect.objectContaining({ code: "plot/bad-input" }),
    );
  });
});
