import { describe, expect, it } from "vitest";
import { decodePng } from "../test/pixels.js";
import { barChart } from "./bar-chart.js";
import { renderPng } from "./render-png.js";
import { renderSvg } from "./render-svg.js";

const bars = [
  { label: "average", values: [20, 40] },
  { label: "OT fusion", values: [90] },
];

/** From the first to the last pixel of the bars' color, for each row of pixels that has one. */
async function barLengths(): Promise<readonly number[]> {
  const picture = decodePng(await renderPng(barChart({ bars }), { scale: 1 }));
  const isBar = (x: number, y: number) => picture.at(x, y).slice(0, 3).join() === "86,180,233";
  return Array.from({ length: picture.height }, (_, y) => {
    const columns = Array.from({ length: picture.width }, (_, x) => x).filter((x) => isBar(x, y));
    return columns.length === 0 ? 0 : (columns.at(-1) as number) - (columns[0] as number) + 1;
  }).filter((length) => length > 0);
}

describe("barChart", () => {
  it("labels the bars with their names, mean and population deviation", async () => {
    const svg = await renderSvg(barChart({ title: "MNIST", bars, measure: "test accuracy (%)" }));
    for (const text of ["MNIST", "average", "OT fusion", "30.00 ± 10.00", "90.00", "test accuracy (%)"]) {
      expect(svg).toContain(`>${text}</text>`);
    }
  });

  it("draws bars as long as their means on an axis from 0 to 100 over 420 px", async () => {
    const lengths = await barLengths();
    const [upper, lower] = [lengths[2], lengths.at(-3)];
    expect(Math.abs((upper as number) - 0.3 * 420)).toBeLessThan(3);
    expect(Math.abs((lower as number) - 0.9 * 420)).toBeLessThan(3);
  });

  it("shows a point for each seed and none for a single one", async () => {
    const svg = await renderSvg(barChart({ bars }));
    const points = /mark-symbol role-mark[\s\S]*?<\/g>/.exec(svg)?.[0] ?? "";
    expect(points.match(/<path/g)).toHaveLength(2);
  });

  it.each([
    ["no bars", []],
    ["a fraction above 100", [{ label: "a", values: [101] }]],
    ["a value that is not a number", [{ label: "a", values: [Number.NaN] }]],
    ["a bar without values", [{ label: "a", values: [] }]],
    ["a repeated label", [bars[0], bars[0]]],
  ])("refuses %s", (_, wrong) => {
    expect(() => barChart({ bars: wrong as typeof bars })).toThrow(
      expect.objectContaining({ code: "plot/bad-input" }),
    );
  });
});
