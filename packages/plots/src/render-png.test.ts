import { describe, expect, it } from "vitest";
import { decodePng, pngSize } from "../test/pixels.js";
import { renderPng } from "./render-png.js";
import { renderSvg } from "./render-svg.js";
import type { Spec } from "./spec.js";

const spec: Spec = {
  width: 100,
  height: 100,
  data: { values: [{ y: 10 }] },
  mark: { type: "bar", color: "#000000", width: 60 },
  encoding: { y: { field: "y", type: "quantitative", scale: { domain: [0, 20] } } },
};

describe("renderPng", () => {
  it("is the SVG's size times the scale, 2 by default", async () => {
    const svg = await renderSvg(spec);
    const size = [/width="([\d.]+)"/, /height="([\d.]+)"/].map((part) => Number(part.exec(svg)?.[1]));
    expect(pngSize(await renderPng(spec))).toEqual(size.map((side) => 2 * side));
    expect(pngSize(await renderPng(spec, { scale: 1 }))).toEqual(size);
  });

  it("gives the same bytes again", async () => {
    const [once, again] = [await renderPng(spec), await renderPng(spec)];
    expect(Buffer.compare(once, again)).toBe(0);
  });

  it("is dark in the bar and white in the corners", async () => {
    const picture = decodePng(await renderPng(spec, { scale: 1 }));
    expect(picture.count([0, 0, 0])).toBeGreaterThanOrEqual(60 * 48);
    expect(picture.count([0, 0, 0])).toBeLessThanOrEqual(60 * 52);
    expect(picture.at(0, 0)).toEqual([255, 255, 255, 255]);
    expect(picture.at(picture.width - 1, picture.height - 1)).toEqual([255, 255, 255, 255]);
  });

  it("draws text, also of a family that is not there", async () => {
    const text = (config: Spec): Spec => ({
      config: { view: { stroke: null }, ...config },
      data: { values: [{}] },
      mark: { type: "text", text: "HHHH", fontSize: 40, color: "#ff0000" },
    });
    for (const config of [{}, { font: "No Such Font" }] as readonly Spec[]) {
      expect(decodePng(await renderPng(text(config))).count([255, 0, 0])).toBeGreaterThan(500);
    }
  });

  it.each([0, -1, 11, Number.NaN])("refuses a scale of %s", async (scale) => {
    await expect(renderPng(spec, { scale })).rejects.toMatchObject({ code: "plot/bad-input" });
  });
});
