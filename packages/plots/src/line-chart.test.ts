import { describe, expect, it } from "vitest";
import { lineChart, type Series } from "./line-chart.js";
import { renderSvg } from "./render-svg.js";

const t = [0, 0.25, 0.5, 0.75, 1];
const draw = (series: readonly Series[]) => renderSvg(lineChart({ xTitle: "t", yTitle: "loss", series }));

/** The `d` of the paths of the marks of a class. */
function paths(svg: string, mark: string): readonly string[] {
  const groups = svg.match(new RegExp(`<g class="mark-${mark} role-mark[\\s\\S]*?</g>`, "g")) ?? [];
  return groups.flatMap((group) => [...group.matchAll(/ d="([^"]*)"/g)].map(([, d]) => d as string));
}

describe("lineChart", () => {
  it("draws one line for each series, named in the legend", async () => {
    const svg = await draw([
      { name: "linear", x: t, y: [1, 2, 3, 2, 1] },
      { name: "bezier", x: t, y: Float32Array.of(1, 1, 1, 1, 1) },
    ]);
    expect(paths(svg, "line")).toHaveLength(2);
    for (const text of ["linear", "bezier", "t", "loss", "0.5"]) expect(svg).toContain(`>${text}</text>`);
  });

  it("puts the points at the places that the axes say", async () => {
    const [d = ""] = paths(await draw([{ name: "a", x: [0, 0.5, 1], y: [0, 3, 1] }]), "line");
    expect(d).toBe("M0,300L230,0L460,200");
  });

  it("shows no legend for one series", async () => {
    expect(await draw([{ name: "lonely", x: t, y: t }])).not.toContain(">lonely</text>");
  });

  it("keeps the legend of the lines where some have a band", async () => {
    const band = { low: [0, 0, 0, 0, 0], high: [2, 2, 2, 2, 2] };
    const svg = await draw([
      { name: "with", x: t, y: [1, 1, 1, 1, 1], band },
      { name: "without", x: t, y: t },
    ]);
    expect(paths(svg, "area")).toHaveLength(1);
    expect(svg).toContain(">with</text>");
    expect(svg).toContain(">without</text>");
  });

  it("breaks line and band where a value is not finite", async () => {
    const holed = [1, 1, Number.NaN, 1, 2];
    const svg = await draw([{ name: "a", x: t, y: holed, band: { low: holed, high: [3, 3, 3, 3, 3] } }]);
    expect(paths(svg, "line")[0]?.match(/M/g)).toHaveLength(2);
    expect(paths(svg, "area")[0]?.match(/M/g)).toHaveLength(2);
  });

  it.each<[string, readonly Series[]]>([
    ["no series", []],
    ["arrays of different lengths", [{ name: "a", x: t, y: [1] }]],
    ["an empty series", [{ name: "a", x: [], y: [] }]],
    ["an x that is not finite", [{ name: "a", x: [Number.NaN], y: [1] }]],
    [
      "a repeated name",
      [
        { name: "a", x: t, y: t },
        { name: "a", x: t, y: t },
      ],
    ],
  ])("refuses %s", (_, series) => {
    expect(() => lineChart({ xTitle: "x", yTitle: "y", series })).toThrow(
      expect.objectContaining({ code: "plot/bad-input" }),
    );
  });
});
