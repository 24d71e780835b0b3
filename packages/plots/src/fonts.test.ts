import { Resvg } from "@resvg/resvg-js";
import { describe, expect, it } from "vitest";
import { fontFamily, fontFiles, textWidth } from "./fonts.js";

/** Width of the ink of a text as resvg draws it, px. */
function inkWidth(text: string, size: number, weight: string): number {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="4000" height="200"><text x="10" y="100" font-family="${fontFamily}" font-size="${size}" font-weight="${weight}">${text}</text></svg>`;
  const drawn = new Resvg(svg, { font: { loadSystemFonts: false, fontFiles: [...fontFiles] } });
  return drawn.getBBox()?.width ?? Number.NaN;
}

describe("textWidth", () => {
  it.each(["H", "m", "0", "é", "±", "θ", "中"])("knows how far resvg advances after %s", (character) => {
    for (const weight of ["normal", "bold"]) {
      const advance = (inkWidth(character.repeat(11), 20, weight) - inkWidth(character, 20, weight)) / 10;
      expect(textWidth(character, 20, weight === "bold")).toBeCloseTo(advance, 1);
    }
  });

  it("agrees with resvg within 3 % on a label with kerning", () => {
    const label = "OT fusion (activations, aligned to A)";
    const drawn = inkWidth(label, 12, "normal");
    expect(Math.abs(textWidth(label, 12) - drawn) / drawn).toBeLessThan(0.03);
  });
});
