import { describe, expect, it } from "vitest";
import { renderSvg } from "./render-svg.js";
import type { Spec } from "./spec.js";

const values = [
  { model: "a rather long name", accuracy: 4 },
  { model: "b", accuracy: 2 },
];
const bars: Spec = {
  data: { values },
  mark: { type: "bar", clip: true },
  encoding: {
    x: { field: "model", type: "nominal" },
    y: { field: "accuracy", type: "quantitative" },
    color: { field: "accuracy", type: "quantitative" },
  },
};

describe("renderSvg", () => {
  it("draws the marks and labels of the specification on white", async () => {
    const svg = await renderSvg(bars);
    expect(svg).toMatch(/^<svg [^>]*width="\d+/);
    expect(svg).toContain('fill="white"');
    expect(svg).toContain("a rather long name</text>");
    expect(svg.match(/aria-roledescription="bar"/g)).toHaveLength(2);
    expect(svg).toContain("DejaVu Sans");
  });

  it("gives the same string again, also where several figures are drawn at once", async () => {
    const alone = await renderSvg(bars);
    const together = await Promise.all([bars, { ...bars, width: 300 }, bars].map((spec) => renderSvg(spec)));
    expect(together[0]).toBe(alone);
    expect(together[2]).toBe(alone);
  });

  it("refers to definitions that are there", async () => {
    const svg = await renderSvg(bars);
    const used = [...svg.matchAll(/url\(#([^)]+)\)/g)].map(([, id]) => id);
    expect(used.length).toBeGreaterThanOrEqual(2);
    for (const id of used) expect(svg).toContain(`id="${id}"`);
  });

  it("takes the theme from its options, below the figure's own config", async () => {
    const own = { ...bars, config: { background: "#abcdef" } };
    expect(await renderSvg(bars, { theme: { background: "#123456" } })).toContain('fill="#123456"');
    expect(await renderSvg(own, { theme: { background: "#123456" } })).toContain('fill="#abcdef"');
  });

  it("hands remarks to onWarning", async () => {
    const remarks: string[] = [];
    const odd = { ...bars, encoding: { ...(bars.encoding as object), nonsense: { field: "model" } } } as Spec;
    await renderSvg(odd, { onWarning: (remark) => remarks.push(remark) });
    expect(remarks.join()).toContain("nonsense");
  });

  it.each<[string, unknown, string]>([
    ["nothing", null, "plot/spec-invalid"],
    ["an empty object", {}, "plot/spec-invalid"],
    ["an unknown mark", { ...bars, mark: "blob" }, "plot/spec-invalid"],
    ["a vega specification", { $schema: "https://vega.github.io/schema/vega/v6.json" }, "plot/spec-invalid"],
    ["a broken expression", { ...bars, transform: [{ calculate: "1 +", as: "x" }] }, "plot/spec-invalid"],
    [
      "an expression that fails on the data",
      { ...bars, transform: [{ calculate: "datum.missing.deeper", as: "x" }] },
      "plot/render-failed",
    ],
    ["data at an address", { ...bars, data: { url: "http://127.0.0.1:9/a.json" } }, "plot/external-data"],
    ["data in a file", { ...bars, data: { url: "package.json" } }, "plot/external-data"],
    [
      "an image at an address",
      {
        data: { values: [{}] },
        mark: { type: "image", url: "http://127.0.0.1:9/a.png", width: 9, height: 9 },
      },
      "plot/external-data",
    ],
  ])("refuses %s with a code, a hint and a message", async (_, spec, code) => {
    await expect(renderSvg(spec as Spec)).rejects.toMatchObject({
      name: "PlotError",
      code,
      hint: expect.stringMatching(/.{20}/),
      message: expect.stringMatching(/.{20}/),
    });
  });
});
