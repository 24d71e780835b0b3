import { describe, expect, it } from "vitest";
import { categoricalColors } from "./theme.js";

/** Relative luminance of `#rrggbb` (WCAG 2.2). */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe("categoricalColors", () => {
  it("are the eight that Okabe and Ito publish, as RGB", () => {
    const published = [
      "0,0,0",
      "230,159,0",
      "86,180,233",
      "0,158,115",
      "240,228,66",
      "0,114,178",
      "213,94,0",
      "204,121,167",
    ];
    const rgb = categoricalColors.map((hex) =>
      [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join(),
    );
    expect([...rgb].sort()).toEqual([...published].sort());
  });

  it("put the faintest on white last", () => {
    const faintest = [...categoricalColors].sort((a, b) => luminance(b) - luminance(a))[0];
    expect(categoricalColors.at(-1)).toBe(faintest);
  });
});
